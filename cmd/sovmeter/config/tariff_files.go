package config

import (
	"fmt"
	"io/fs"
	"os"
)

// checkTariffFiles looks at the series that a tariff names.
func (c *Config) checkTariffFiles(r *reader) {
	if c.Tariff == nil {
		return
	}
	for i, v := range c.Tariff.Versions {
		at := "tariff"
		if r.given("tariff.versions") {
			at = fmt.Sprintf("tariff.versions[%d]", i)
		}
		if v.Series != nil {
			r.checkSeries(at+".series.file", v.Series.File)
		}
		if v.Solar != nil && v.Solar.Series != nil {
			r.checkSeries(at+".solar.series.file", v.Solar.Series.File)
		}
	}
}

func (r *reader) checkSeries(key, path string) {
	r.checkKind(key, path, os.Stat, fs.FileMode.IsRegular, "the file of a series")
}
