package jsonl

// field is a field of the format.
type field int

const (
	fieldID field = iota
	fieldServer
	fieldClient
	fieldProject
	fieldModel
	fieldResponseModel
	fieldProvider
	fieldOperation
	fieldAddress
	fieldStart
	fieldFirstToken
	fieldEnd
	fieldUncertainty
	fieldOutcome
	fieldErrorType
	fieldFinish
	fieldInput
	fieldCached
	fieldWritten
	fieldCreated
	fieldFresh
	fieldOutput
	fieldContext
	fieldGuessed
	fieldRemote
	fieldSpend
	fieldEnergy
	fieldPrefill
	fieldDecode
	fieldError
	fieldDriver
	fieldTier
	fieldCovered
	fieldLate
	fieldCount
	fieldNone field = -1
)

// names are the fields' names in the log.
func names() [fieldCount]string {
	return [fieldCount]string{
		fieldID: "id", fieldServer: "server", fieldClient: "client", fieldProject: "project",
		fieldModel: "gen_ai.request.model", fieldResponseModel: "gen_ai.response.model",
		fieldProvider: "gen_ai.provider.name", fieldOperation: "gen_ai.operation.name", fieldAddress: "server.address",
		fieldStart: "start", fieldFirstToken: "first_token", fieldEnd: "end", fieldUncertainty: "uncertainty_seconds",
		fieldOutcome: "outcome", fieldErrorType: "error.type", fieldFinish: "gen_ai.response.finish_reasons",
		fieldInput: "gen_ai.usage.input_tokens", fieldCached: "gen_ai.usage.cache_read.input_tokens",
		fieldWritten: "gen_ai.usage.cache_write.input_tokens", fieldCreated: "gen_ai.usage.cache_creation.input_tokens",
		fieldFresh: "sovmeter.usage.fresh_input_tokens", fieldOutput: "gen_ai.usage.output_tokens",
		fieldContext: "context_tokens", fieldGuessed: "sovmeter.usage.estimated",
		fieldRemote: "sovmeter.remote", fieldSpend: "sovmeter.spend_usd",
		fieldEnergy: "energy_joules", fieldPrefill: "prefill_joules", fieldDecode: "decode_joules", fieldError: "error_joules",
		fieldDriver: "error_driver", fieldTier: "tier", fieldCovered: "covered_ratio", fieldLate: "late",
	}
}

func (f field) String() string { return names()[f] }

// fieldOf finds a field by its name. It is a switch and no map because it runs
// for every field of every line.
func fieldOf(name []byte) field {
	switch string(name) {
	case "id":
		return fieldID
	case "server":
		return fieldServer
	case "client":
		return fieldClient
	case "project":
		return fieldProject
	case "gen_ai.request.model":
		return fieldModel
	case "gen_ai.response.model":
		return fieldResponseModel
	case "gen_ai.provider.name":
		return fieldProvider
	case "gen_ai.operation.name":
		return fieldOperation
	case "server.address":
		return fieldAddress
	case "start":
		return fieldStart
	case "first_token":
		return fieldFirstToken
	case "end":
		return fieldEnd
	case "uncertainty_seconds":
		return fieldUncertainty
	case "outcome":
		return fieldOutcome
	case "error.type":
		return fieldErrorType
	case "gen_ai.response.finish_reasons":
		return fieldFinish
	}
	return amountOf(name)
}

func amountOf(name []byte) field {
	switch string(name) {
	case "gen_ai.usage.input_tokens":
		return fieldInput
	case "gen_ai.usage.cache_read.input_tokens":
		return fieldCached
	case "gen_ai.usage.cache_write.input_tokens":
		return fieldWritten
	case "gen_ai.usage.cache_creation.input_tokens":
		return fieldCreated
	case "sovmeter.usage.fresh_input_tokens":
		return fieldFresh
	case "gen_ai.usage.output_tokens":
		return fieldOutput
	case "context_tokens":
		return fieldContext
	case "sovmeter.usage.estimated":
		return fieldGuessed
	case "sovmeter.remote":
		return fieldRemote
	case "sovmeter.spend_usd":
		return fieldSpend
	case "energy_joules":
		return fieldEnergy
	case "prefill_joules":
		return fieldPrefill
	case "decode_joules":
		return fieldDecode
	case "error_joules":
		return fieldError
	case "error_driver":
		return fieldDriver
	case "tier":
		return fieldTier
	case "covered_ratio":
		return fieldCovered
	case "late":
		return fieldLate
	}
	return fieldNone
}
