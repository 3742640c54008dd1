package main

import (
	"slices"
)

// Measure is one row: the samples of one quantity, and what it must reach.
type Measure struct {
	Name    string    `json:"name"`
	Unit    string    `json:"unit"`
	Samples []float64 `json:"samples"`
	Median  float64   `json:"median"`
	Min     float64   `json:"min"`
	Max     float64   `json:"max"`
	// AtMost and AtLeast are the figure the median must reach; nil: reported only.
	AtMost  *float64 `json:"atMost,omitempty"`
	AtLeast *float64 `json:"atLeast,omitempty"`
}

func newMeasure(name, unit string, samples ...float64) Measure {
	m := Measure{Name: name, Unit: unit, Samples: samples}
	if len(samples) > 0 {
		m.Median, m.Min, m.Max = median(samples), slices.Min(samples), slices.Max(samples)
	}
	return m
}

func (m Measure) atMost(limit float64) Measure {
	m.AtMost = &limit
	return m
}

func (m Measure) atLeast(limit float64) Measure {
	m.AtLeast = &limit
	return m
}

// verdict is "yes" or "no" where there is something to reach, else empty.
func (m Measure) verdict() string {
	switch {
	case m.AtMost == nil && m.AtLeast == nil:
		return ""
	case len(m.Samples) == 0, m.AtMost != nil && m.Median > *m.AtMost, m.AtLeast != nil && m.Median < *m.AtLeast:
		return "**no**"
	default:
		return "yes"
	}
}

func median(samples []float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// quantile of samples that are sorted in ascending order, by the nearest rank; 0 when there are none.
func quantile(sorted []uint32, q float64) uint32 {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(q*float64(len(sorted)) + 0.5)
	return sorted[min(max(rank-1, 0), len(sorted)-1)]
}
