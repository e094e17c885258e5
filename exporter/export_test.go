package exporter

// Descriptor is one descriptor, for tests.
type Descriptor struct {
	Name, Help, Unit, Type string
	Labels                 []string
}

// Descriptors lists all metrics in the order of the reference.
func Descriptors() []Descriptor {
	var all []Descriptor
	for _, d := range newCatalogue().all {
		all = append(all, Descriptor{d.name, d.help, d.unit, string(d.kind), d.labels})
	}
	return all
}

// Sum gives tests the sum of a counter.
type Sum = sum

// Add is add, for tests.
func (s *sum) Add(x float64) { s.add(x) }

// Value is value, for tests.
func (s *sum) Value() float64 { return s.value() }
