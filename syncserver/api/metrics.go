package api

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what the server tells Prometheus.
type Metrics struct {
	registry    *prometheus.Registry
	requests    *prometheus.HistogramVec
	ops         prometheus.Counter
	blobBytes   prometheus.Counter
	blobs       prometheus.Counter
	connections prometheus.Gauge
}

// NewMetrics registers every series in a registry of its own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "keyturn_request_seconds", Help: "Duration of HTTP requests by route.", Buckets: prometheus.DefBuckets,
		}, []string{"route"}),
		ops:         prometheus.NewCounter(prometheus.CounterOpts{Name: "keyturn_log_entries_total", Help: "Entries appended to the change log by devices' pushes."}),
		blobBytes:   prometheus.NewCounter(prometheus.CounterOpts{Name: "keyturn_blob_bytes_total", Help: "Bytes of completed blob uploads."}),
		blobs:       prometheus.NewCounter(prometheus.CounterOpts{Name: "keyturn_blobs_total", Help: "Completed blob uploads."}),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{Name: "keyturn_sync_connections", Help: "Open sync connections."}),
	}
	m.registry.MustRegister(m.requests, m.ops, m.blobBytes, m.blobs, m.connections)
	return m
}

// Handler serves the text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Metrics) request(route string, took time.Duration) {
	m.requests.WithLabelValues(route).Observe(took.Seconds())
}

func (m *Metrics) appended(n int) { m.ops.Add(float64(n)) }

func (m *Metrics) blob(bytes int64) {
	m.blobs.Inc()
	m.blobBytes.Add(float64(bytes))
}
