package prices

import (
	"bytes"
	_ "embed"
	"fmt"
)

// shipped is picked from genai-prices (MIT, see NOTICE). It is written by
// TestShippedIsPublished -update, and is not edited by hand.
//
//go:embed shipped.json
var shipped []byte

// Shipped returns the table that comes with sovmeter: models that people would
// call if the Mac were not there, and the open weights that they run on one, at
// several hosts. Prices grow old: import a newer table, or look at
// "sovmeter prices age".
func Shipped() (Table, error) {
	t, err := Read(bytes.NewReader(shipped))
	if err != nil {
		return Table{}, fmt.Errorf("shipped prices: %w", err)
	}
	return t, nil
}
