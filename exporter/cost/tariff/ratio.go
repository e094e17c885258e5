package tariff

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Ratio is an exact share or factor in billionths: 190_000_000 is 0.19.
type Ratio int64

// One is the ratio of a thing to itself.
const One Ratio = 1_000_000_000

// ParseRatio reads a plain decimal such as 0.19, with at most nine decimals.
func ParseRatio(text string) (Ratio, error) {
	m, err := cost.ParseMoney(text, "")
	if err != nil {
		return 0, fmt.Errorf("ratio %q: want a number with at most nine decimals, such as 0.19: %w", text, ErrSyntax)
	}
	return Ratio(m.Nanos), nil
}

// Rat is the exact ratio.
func (r Ratio) Rat() *big.Rat { return big.NewRat(int64(r), int64(One)) }

// String prints the ratio as ParseRatio reads it.
func (r Ratio) String() string {
	return trimZeros(cost.Money{Nanos: int64(r)}.Decimal(9))
}

// Percent prints the ratio as people say it: "19 %".
func (r Ratio) Percent() string {
	return trimZeros(new(big.Rat).Mul(r.Rat(), big.NewRat(100, 1)).FloatString(7)) + " %"
}

func trimZeros(decimal string) string { return strings.TrimRight(strings.TrimRight(decimal, "0"), ".") }
