package report

// remoteJSON is one row of "remote".
type remoteJSON struct {
	Server     string     `json:"server"`
	Provider   *string    `json:"provider"`
	Model      *string    `json:"model"`
	Calls      int64      `json:"calls"`
	OK         int64      `json:"ok_calls"`
	Cancelled  int64      `json:"cancelled_calls"`
	Failed     int64      `json:"failed_calls"`
	Input      *int64     `json:"input_tokens"`
	Cached     *int64     `json:"cached_input_tokens"`
	CacheWrite *int64     `json:"cache_write_input_tokens"`
	Output     *int64     `json:"output_tokens"`
	AtLeast    []string   `json:"at_least"`
	Spend      *moneyJSON `json:"spend"`
	Unpriced   int64      `json:"unpriced_calls"`
}

func newRemoteJSON(r Remote) remoteJSON {
	out := remoteJSON{Server: r.Server, Calls: r.Calls, OK: r.Calls - r.Cancelled - r.Failed, Cancelled: r.Cancelled, Failed: r.Failed,
		Input: r.Input.pointer(), Cached: r.Cached.pointer(), CacheWrite: r.CacheWrite.pointer(), Output: r.Output.pointer(), AtLeast: []string{},
		Spend: newMoneyJSON(r.Spend), Unpriced: r.Unpriced}
	for _, t := range []struct {
		name   string
		tokens Tokens
	}{{"input_tokens", r.Input}, {"cached_input_tokens", r.Cached}, {"cache_write_input_tokens", r.CacheWrite}, {"output_tokens", r.Output}} {
		if t.tokens.AtLeast {
			out.AtLeast = append(out.AtLeast, t.name)
		}
	}
	if r.Provider != "" {
		out.Provider = &r.Provider
	}
	if r.Model != "" {
		out.Model = &r.Model
	}
	return out
}
