package publishers_test

import (
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/prices/publishers"
)

// Shapes as in data.json v2 of August 2026; the models are made up.
const genaiFile = `[
{"id": "acme", "name": "Acme", "api_pattern": "x", "models": [
 {"id": "open-30b-instruct", "match": {"or": [{"equals": "Open-30B-Instruct"}, {"equals": "acme-open"}, {"starts_with": "open-30b-instruct"}, {"contains": "open"}, {"regex": "^o"}]},
  "prices": {"input_mtok": 0.18000000000000002, "output_mtok": 0.6, "input_audio_mtok": 9}},
 {"id": "tiers", "match": {"equals": "tiers"}, "prices": {"input_mtok": {"base": 2, "tiers": [{"start": 200000, "price": 4}, {"start": 512000, "price": 8}]},
  "output_mtok": {"base": 10, "tiers": [{"start": 200000, "price": 15}]}, "cache_read_mtok": 0.2, "cache_write_5m_mtok": 2.5}},
 {"id": "dated", "match": {"equals": "dated"}, "prices": [{"prices": {"input_mtok": 10, "output_mtok": 40}},
  {"constraint": {"start_date": "2025-06-10"}, "prices": {"input_mtok": 2, "output_mtok": 8}},
  {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 4, "output_mtok": 16}}]},
 {"id": "daily", "match": {"starts_with": "daily"}, "prices": [{"prices": {"input_mtok": 0.135, "cache_read_mtok": 0.035, "output_mtok": 0.55}},
  {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 0.27, "output_mtok": 1.1}}]},
 {"id": "zone", "match": {"equals": "zone"}, "prices": [{"prices": {"input_mtok": 1, "output_mtok": 1}},
  {"constraint": {"start_time": "18:00:00-07:00", "end_time": "04:00:00+00:00"}, "prices": {"input_mtok": 2, "output_mtok": 2}}]},
 {"id": "launch", "match": {"equals": "launch"}, "prices": [{"prices": {"input_mtok": 0, "output_mtok": 0}},
  {"constraint": {"start_date": "2026-03-01"}, "prices": {"input_mtok": 1, "output_mtok": 2}}]},
 {"id": "mixed", "match": {"equals": "mixed"}, "prices": [{"prices": {"input_mtok": 1, "output_mtok": 1}},
  {"constraint": {"start_date": "2025-06-10"}, "prices": {"input_mtok": 2, "output_mtok": 8}},
  {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 3, "output_mtok": 8}}]},
 {"id": "backwards", "match": {"equals": "b"}, "prices": [{"prices": {"input_mtok": 1, "output_mtok": 1}},
  {"constraint": {"start_date": "2025-06-10"}, "prices": {"input_mtok": 2, "output_mtok": 8}},
  {"constraint": {"start_date": "2024-06-10"}, "prices": {"input_mtok": 3, "output_mtok": 8}}]},
 {"id": "always", "match": {"equals": "a"}, "prices": [{"prices": {"input_mtok": 1, "output_mtok": 1}}, {"prices": {"input_mtok": 2, "output_mtok": 2}}]},
 {"id": "empty", "match": {"equals": "empty"}, "prices": {}},
 {"id": "open-30b-instruct:free", "match": {"equals": "x"}, "prices": {}},
 {"id": "embed", "match": {"equals": "embed"}, "prices": {"input_mtok": 0.1}},
 {"id": "sonar", "match": {"equals": "sonar"}, "prices": {"input_mtok": 1, "output_mtok": 1, "requests_kcount": 12}},
 {"id": "~acme/latest", "match": {"equals": "x"}, "prices": {"input_mtok": 1, "output_mtok": 1}},
 {"id": "text", "match": {"equals": "x"}, "prices": "free"}
]}, {"id": "openai", "models": [
 {"id": "gpt-oss-20b", "match": {"equals": "gpt-oss-20b"}, "prices": {"input_mtok": 0.029, "output_mtok": 0.14}}]}]`

func TestGenAIPrices(t *testing.T) {
	check(t, read(t, publishers.GenAIPrices, genaiFile), `
		acme open-30b-instruct 0.18/?/?/0.6 = open-30b acme-open open-30b-instruct*
		acme tiers 2/0.2/2.5/10 >200000 4/0.2/2.5/15 >512000 8/0.2/2.5/15
		acme dated [,2025-06-10) 10/?/?/40
		acme dated [2025-06-10,2027-01-01) 2/?/?/8
		acme dated [2027-01-01,) 4/?/?/16
		acme daily 0.135/0.035/?/0.55 daily*
		acme daily 00:30-16:30 0.27/?/?/1.1 daily*
		acme zone 1/?/?/1
		acme zone 01:00-04:00 2/?/?/2
		acme launch [2026-03-01,) 1/?/?/2
		openai gpt-oss-20b 0.029/?/?/0.14
	`, `
		3 prices under conditions that are not understood (acme mixed)
		2 price of 0 or no price: free, a preview or not told (acme launch)
		1 a :free variant (acme open-30b-instruct:free)
		1 a name that moves on to the newest model (acme ~acme/latest)
		1 a price that is no number or out of all range, or a name that cannot be printed (acme text)
		1 also billed by the request (acme sonar)
		1 no price for input, or none for output (acme embed)
	`)
}
