package config

import (
	"bytes"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The alert rules have the shape that Prometheus reads (prometheus.io/docs/prometheus/latest/configuration/alerting_rules).
func TestAlertRulesAreRules(t *testing.T) {
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(readAll(t, "../deploy/alerts.yaml"))))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) < 6 {
		t.Fatalf("got %+v, want one group of 6 rules", file)
	}
	seen := map[string]bool{}
	for _, rule := range file.Groups[0].Rules {
		switch {
		case rule.Alert == "" || seen[rule.Alert]:
			t.Errorf("%q: got no name of its own", rule.Alert)
		case !strings.Contains(rule.Expr, "ppmrelay_"):
			t.Errorf("%s: got an expression without a metric of ours: %s", rule.Alert, rule.Expr)
		case rule.Labels["severity"] == "" || rule.Annotations["summary"] == "" || rule.Annotations["description"] == "":
			t.Errorf("%s: got %v and %v, want a severity, a summary and a description", rule.Alert, rule.Labels, rule.Annotations)
		case strings.Count(rule.Expr, "(") != strings.Count(rule.Expr, ")") || strings.Count(rule.Expr, "{") != strings.Count(rule.Expr, "}"):
			t.Errorf("%s: got brackets that do not close: %s", rule.Alert, rule.Expr)
		}
		seen[rule.Alert] = true
	}
}
