package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// TestNoFieldForText lists every field of a batch that could carry text into
// the store. Names and ids pass through the parsers' allow-lists, the rest are
// closed sets; a checkpoint is bound by its contract. A new field that could
// hold a prompt fails here, and whoever adds it has to say why it cannot.
func TestNoFieldForText(t *testing.T) {
	want := []string{
		"Batch.Bookings[].Loads[].Model",
		"Batch.Bookings[].Loads[].Server",
		"Batch.Bookings[].ModelBusy[].Model",
		"Batch.Bookings[].ModelBusy[].Server",
		"Batch.Bookings[].Shares[].Client", // a tag, of the shape of a model id
		"Batch.Bookings[].Shares[].Model",
		"Batch.Bookings[].Shares[].Project", // a tag
		"Batch.Bookings[].Shares[].Request", // an id
		"Batch.Bookings[].Shares[].Server",
		"Batch.Bookings[].Shares[].Tier",
		"Batch.Bookings[].Window.Scope",
		"Batch.Bookings[].Window.Usage.Servers[].Server",
		"Batch.Calibrations[].Kind",
		"Batch.Calibrations[].Meter", // a name from the configuration
		"Batch.Calibrations[].Model", // of the machine
		"Batch.Calibrations[].OS",    // its version
		"Batch.Calibrations[].Scope",
		"Batch.Charges[].Driver",
		"Batch.Charges[].Request.Client", // a tag, of the shape of a model id
		"Batch.Charges[].Request.ID",
		"Batch.Charges[].Request.Model",
		"Batch.Charges[].Request.Outcome",
		"Batch.Charges[].Request.Project", // a tag
		"Batch.Charges[].Request.Server",
		"Batch.Charges[].Scope",
		"Batch.Charges[].Tier",
		"Batch.Checkpoints[].Data",   // opaque, holds no text of any prompt
		"Batch.Checkpoints[].Source", // a path from the configuration
		"Batch.Gaps[].Reason",
		"Batch.Gaps[].Scope",
		"Batch.Remote[].Client", // a tag
		"Batch.Remote[].ID",
		"Batch.Remote[].Model",
		"Batch.Remote[].Outcome",
		"Batch.Remote[].Project", // a tag
		"Batch.Remote[].Provider",
		"Batch.Remote[].Server",
		"Batch.Scoping", // opaque, made from readings of meters alone
		"Batch.State.Lags[].Server",
		"Batch.State.Learned[].Model",
		"Batch.State.Learned[].Server",
		"Batch.State.Learning.Works[].Model",
		"Batch.State.Learning.Works[].Server",
		"Batch.State.Loads[].Model",
		"Batch.State.Loads[].Server",
		"Batch.State.Requests[].Booked.Scope",
		"Batch.State.Requests[].Request.Client", // a tag
		"Batch.State.Requests[].Request.ID",
		"Batch.State.Requests[].Request.Model",
		"Batch.State.Requests[].Request.Outcome",
		"Batch.State.Requests[].Request.Project", // a tag
		"Batch.State.Requests[].Request.Server",
		"Batch.State.Slopes.Scope",
		"Batch.Windows[].Scope",
		"Batch.Windows[].Usage.Servers[].Server",
	}
	got := textFields(t, reflect.TypeFor[attribution.Batch](), "Batch")
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("fields that can hold text (-want +got):\n%s", d)
	}
}

// textFields walks a type and returns the paths of what can hold text. It
// fails on kinds that could hold anything.
func textFields(t *testing.T, typ reflect.Type, path string) []string {
	t.Helper()
	if typ == reflect.TypeFor[time.Time]() {
		return nil
	}
	switch typ.Kind() {
	case reflect.String:
		return []string{path}
	case reflect.Struct:
		var all []string
		for i := range typ.NumField() {
			all = append(all, textFields(t, typ.Field(i).Type, path+"."+typ.Field(i).Name)...)
		}
		return all
	case reflect.Pointer:
		return textFields(t, typ.Elem(), path)
	case reflect.Array:
		return textFields(t, typ.Elem(), path+"[]")
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			return []string{path}
		}
		return textFields(t, typ.Elem(), path+"[]")
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return nil
	}
	t.Errorf("%s: a %s can hold anything", path, typ.Kind())
	return nil
}
