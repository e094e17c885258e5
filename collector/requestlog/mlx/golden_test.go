package mlx_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/mlx"
	"github.com/sovmeter/sovmeter/collector/requestlog/parsertest"
)

// base is when the logs in testdata begin; their stamps are this in UTC.
var base = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// goldens are the logs in testdata.
var goldens = []string{"mlxlm", "mlxlm-parallel", "omlx", "vllmmlx", "vllmmlx-simple", "uvicorn"}

func contract() parsertest.Contract {
	return parsertest.Contract{
		Format: mlx.Format(), Options: requestlog.Options{Server: "s"}, Begin: base,
		Endless: true, MostState: 1 << 18,
	}
}

func logLines(t testing.TB, name string) []requestlog.Line {
	t.Helper()
	return parsertest.Timed(t, name+".log", base)
}

func TestGolden(t *testing.T) {
	for _, name := range goldens {
		t.Run(name, func(t *testing.T) {
			contract().Golden(t, logLines(t, name), name+".requests.jsonl")
		})
	}
}

func TestRestartAnywhere(t *testing.T) {
	for _, name := range goldens {
		t.Run(name, func(t *testing.T) { contract().RestartAnywhere(t, logLines(t, name)) })
	}
}

func TestDetect(t *testing.T) {
	for _, name := range goldens {
		if n := mlx.Detect(parsertest.Texts(logLines(t, name))); n < 3 {
			t.Errorf("%s: only %d lines recognised", name, n)
		}
	}
	contract().Foreign(t,
		"0.06.536.043 I slot launch_slot_: id  0 | task 6 | processing task, is_child = 0",
		`[GIN] 2026/11/24 - 10:00:00 | 200 |  1.2s |       127.0.0.1 | POST     "/api/chat"`,
		"time=2026-11-24T10:00:00.000Z level=INFO source=server.go:1 msg=x",
		"INFO 11-24 10:00:00 [async_llm.py:400] Added request chatcmpl-1.",
		`{"gen_ai.request.model":"m"}`, "", "INFO", "2026-11-24",
	)
}
