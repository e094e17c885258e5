package calibration

// The variables of a block, in the order of moments: 1, the rails, the whole.
const (
	one = iota
	cpu
	gpu
	ane
	whole
	variables
)

// vector is a combination of the variables.
type vector [variables]float64

// moments are the weighted sums of all products of two variables, the upper
// triangle by rows. They are all that least squares needs, they add up, and
// they decay by a factor. The first is the sum of the weights.
type moments [variables * (variables + 1) / 2]float64

// add counts b with a weight.
func (m *moments) add(b Block, weight float64) {
	v := vector{1, float64(b.CPU), float64(b.GPU), float64(b.ANE), float64(b.Whole)}
	k := 0
	for i := range v {
		for j := i; j < len(v); j++ {
			m[k] += weight * v[i] * v[j]
			k++
		}
	}
}

// scale multiplies all sums.
func (m *moments) scale(f float64) {
	for i := range m {
		m[i] *= f
	}
}

// plus adds o with a factor.
func (m *moments) plus(o *moments, f float64) {
	for i := range m {
		m[i] += f * o[i]
	}
}

// at is the sum of the product of variables i and j, with i <= j.
func (m *moments) at(i, j int) float64 {
	return m[i*variables-i*(i-1)/2+j-i]
}

// product is the weighted sum of the product of two combinations.
func (m *moments) product(a, b vector) float64 {
	sum := 0.0
	for i := range a {
		for j := range b {
			if i <= j {
				sum += a[i] * b[j] * m.at(i, j)
			} else {
				sum += a[i] * b[j] * m.at(j, i)
			}
		}
	}
	return sum
}

// weight is the sum of the weights.
func (m *moments) weight() float64 { return m[0] }

// mean is that of a variable; 0 without any weight.
func (m *moments) mean(i int) float64 {
	if m.weight() <= 0 {
		return 0
	}
	return m.at(one, i) / m.weight()
}

// soc is the mean power of the chip.
func (m *moments) soc() float64 { return m.mean(cpu) + m.mean(gpu) + m.mean(ane) }
