package litellm

// field is a key on the allow-list.
type field uint8

const (
	fieldNone field = iota
	fieldMessage
	fieldID
	fieldCall
	fieldStatus
	fieldModel
	fieldProvider
	fieldBase
	fieldStart
	fieldEnd
	fieldFirst
	fieldPrompt
	fieldOutput
	fieldRead
	fieldWritten
	fieldCost
	fieldUnpriced
	fieldHit
	fieldMetadata
	fieldAlias
	fieldUser
	fieldTeam
	fieldTeamID
	fieldProject
)

// scope is an object in which there are such keys.
type scope uint8

const (
	scopeSkip scope = iota
	scopeTop
	scopeMetadata
	scopeHidden
	scopeResponse
	scopeUsage
	scopeDetails
)

// lookup returns what a key means: a field, an object with fields, both or
// neither.
func lookup(s scope, key string) (field, scope) {
	switch s {
	case scopeTop:
		return lookupTop(key)
	case scopeMetadata:
		return lookupMetadata(key)
	case scopeHidden:
		if key == "usage_object" {
			return fieldNone, scopeUsage
		}
	case scopeResponse:
		if key == "usage" {
			return fieldNone, scopeUsage
		}
	case scopeUsage:
		switch key {
		case "cache_read_input_tokens":
			return fieldRead, scopeSkip
		case "cache_creation_input_tokens":
			return fieldWritten, scopeSkip
		case "prompt_tokens_details", "input_tokens_details":
			return fieldNone, scopeDetails
		}
	case scopeDetails:
		switch key {
		case "cached_tokens":
			return fieldRead, scopeSkip
		case "cache_creation_tokens":
			return fieldWritten, scopeSkip
		}
	}
	return fieldNone, scopeSkip
}

func lookupTop(key string) (field, scope) {
	switch key {
	case "metadata": // an object, or in the spend log the text of one
		return fieldMetadata, scopeMetadata
	case "hidden_params":
		return fieldNone, scopeHidden
	case "response":
		return fieldNone, scopeResponse
	case "message":
		return fieldMessage, scopeSkip
	case "id", "request_id":
		return fieldID, scopeSkip
	case "call_type":
		return fieldCall, scopeSkip
	case "status":
		return fieldStatus, scopeSkip
	case "model":
		return fieldModel, scopeSkip
	case "custom_llm_provider":
		return fieldProvider, scopeSkip
	case "api_base":
		return fieldBase, scopeSkip
	case "startTime":
		return fieldStart, scopeSkip
	case "endTime":
		return fieldEnd, scopeSkip
	case "completionStartTime":
		return fieldFirst, scopeSkip
	case "prompt_tokens":
		return fieldPrompt, scopeSkip
	case "completion_tokens":
		return fieldOutput, scopeSkip
	case "response_cost", "spend":
		return fieldCost, scopeSkip
	case "response_cost_failure_debug_info":
		return fieldUnpriced, scopeSkip
	case "cache_hit":
		return fieldHit, scopeSkip
	case "user":
		return fieldUser, scopeSkip
	case "team_id":
		return fieldTeamID, scopeSkip
	}
	return fieldNone, scopeSkip
}

func lookupMetadata(key string) (field, scope) {
	switch key {
	case "usage_object":
		return fieldNone, scopeUsage
	case "user_api_key_alias":
		return fieldAlias, scopeSkip
	case "user_api_key_user_id":
		return fieldUser, scopeSkip
	case "user_api_key_team_alias":
		return fieldTeam, scopeSkip
	case "user_api_key_team_id":
		return fieldTeamID, scopeSkip
	case "user_api_key_project_alias":
		return fieldProject, scopeSkip
	}
	return fieldNone, scopeSkip
}
