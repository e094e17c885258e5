package exporter

import (
	"fmt"
	stdlog "log"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/exporter-toolkit/web"
)

// maxScrapes is how many scrapes may run at once; a Prometheus pair makes two.
const maxScrapes = 8

// routes is everything that is served. GET patterns answer HEAD as well, and
// everything else with 405.
func (s *Server) routes() (http.Handler, error) {
	registry := prometheus.NewRegistry()
	if err := registry.Register(NewCollector(s.ledger)); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	landing, err := s.landing()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:            stdlog.New(s.config.Log, "", 0),
		EnableOpenMetrics:   true,
		MaxRequestsInFlight: maxScrapes,
		ProcessStartTime:    s.ledger.options.Started,
	}))
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.Handle("GET /{$}", landing)
	return newHostGuard(s.config.Hosts, mux), nil
}

func (s *Server) landing() (http.Handler, error) {
	page, err := web.NewLandingPage(web.LandingConfig{
		Name:        "sovmeter",
		Description: "Energy and cost of each inference on this machine.",
		Version:     s.ledger.options.Build.Version,
		Profiling:   "false",
		HeaderColor: "#22543d",
		Links: []web.LandingLinks{
			{Address: "/metrics", Text: "Metrics", Description: "for Prometheus"},
			{Address: "/healthz", Text: "Health", Description: "is the meter working?"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make landing page: %w", err)
	}
	return page, nil
}
