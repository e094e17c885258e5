package report

import (
	"bytes"
	"encoding/json"
	"io"
)

// writeJSONL writes the rows as one object a line, with the names that JSON and
// CSV have: numbers as numbers, money as an amount and its currency, null for
// what is not known. There is no total, so that lines can be summed.
func writeJSONL(w io.Writer, r Report) error {
	g := newSheet(r, Options{}).rowsGrid()
	for _, row := range g.Rows {
		if row.Kind != RowItem {
			continue
		}
		line, err := rowObject(g, row)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// rowObject is a row as a JSON object whose fields are in the columns' order.
func rowObject(g Grid, row GridRow) ([]byte, error) {
	var line bytes.Buffer
	line.WriteByte('{')
	for i, c := range g.Columns {
		if c.Key == currencyKey || c.Key == comparisonCurrencyKey { // said with each amount
			continue
		}
		if line.Len() > 1 {
			line.WriteByte(',')
		}
		key, err := encoded(c.Key)
		if err != nil {
			return nil, err
		}
		value, err := rowValue(c, row.Cells[i])
		if err != nil {
			return nil, err
		}
		line.Write(key)
		line.WriteByte(':')
		line.Write(value)
	}
	line.WriteByte('}')
	return line.Bytes(), nil
}

// rowValue is a cell as JSON.
func rowValue(c Column, cell Cell) ([]byte, error) {
	switch {
	case cell.Raw == "":
		return []byte("null"), nil
	case c.Currency != "":
		return encoded(moneyJSON{Amount: cell.Raw, Currency: string(c.Currency)})
	case c.Numeric || c.Flag:
		return []byte(cell.Raw), nil
	}
	return encoded(cell.Raw)
}

// encoded is v as JSON on one line, with < and > as they are.
func encoded(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
