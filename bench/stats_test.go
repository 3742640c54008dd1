package main

import (
	"slices"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		samples []float64
		want    float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.samples); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.samples, got, c.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	sorted := make([]uint32, 1000)
	for i := range sorted {
		sorted[i] = uint32(i + 1)
	}
	for q, want := range map[float64]uint32{0: 1, 0.5: 500, 0.99: 990, 0.999: 999, 1: 1000} {
		if got := quantile(sorted, q); got != want {
			t.Errorf("quantile(%v) = %v, want %v", q, got, want)
		}
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("the quantile of nothing should be 0")
	}
}

func TestVerdict(t *testing.T) {
	if v := newMeasure("", "s", 1.2).atMost(1.1).verdict(); v != "**no**" {
		t.Errorf("above its limit: %q", v)
	}
	if v := newMeasure("", "1/s", 26000).atLeast(25000).verdict(); v != "yes" {
		t.Errorf("above what it must reach: %q", v)
	}
	if v := newMeasure("", "s").atMost(1).verdict(); v != "**no**" {
		t.Errorf("without a sample: %q", v)
	}
}

func TestReportedSamples(t *testing.T) {
	samples, err := reportedSamples("first, round 1\tpull=1.5\tresult=3\nsecond\tother=7\nfirst, round 2\tpull=2\n")
	if err != nil || !slices.Equal(samples["pull"], []float64{1.5, 2}) || !slices.Equal(samples["other"], []float64{7}) {
		t.Errorf("%v, %v", samples, err)
	}
	if _, err := reportedSamples("first\tresult=ok\n"); err == nil {
		t.Error("a field that is no number should be an error")
	}
}
