package cost

import (
	"fmt"
	"strings"
)

// Currency is an ISO 4217 code such as "EUR". The empty currency belongs to
// the zero Money only.
type Currency string

// activeCodes are the currencies of ISO 4217 that people pay with. Precious
// metals, fund codes and the test code are left out: no bill is in them.
// golang.org/x/text/currency knows no code newer than 2017 and accepts those
// that ended long ago, such as DEM.
const activeCodes = " " +
	"AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD " +
	"CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS " +
	"GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW " +
	"KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR " +
	"MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR " +
	"SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX " +
	"USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "

// ParseCurrency checks that code is an active ISO 4217 code. Lower case is
// refused, so that one currency has one spelling in every metric label.
func ParseCurrency(code string) (Currency, error) {
	if len(code) == 3 && strings.Contains(activeCodes, " "+code+" ") {
		return Currency(code), nil
	}
	if up := strings.ToUpper(code); len(code) == 3 && strings.Contains(activeCodes, " "+up+" ") {
		return "", fmt.Errorf("currency %q: write it as %s: %w", code, up, ErrCurrency)
	}
	return "", fmt.Errorf("currency %q: want an ISO 4217 code such as EUR or USD: %w", code, ErrCurrency)
}
