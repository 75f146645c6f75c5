package catalog

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// worksSuffix ends many trade names without changing their meaning (防水工程).
const worksSuffix = "工程"

// LibraryTrades maps a contract's trade to library trades. Several trades in
// one text ("给排水、电气") give the union. ok is false if any of them is
// unknown; the known ones are returned all the same.
func (c *Catalogue) LibraryTrades(contractTrade string) (trades []string, ok bool) {
	text := normal(contractTrade)
	if known, exact := c.trade(text); exact {
		return slices.Clone(known), true
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、,;/+|", r) })
	ok = len(parts) > 0
	for _, part := range parts {
		known, exact := c.trade(strings.TrimSpace(part))
		ok = ok && exact
		for _, trade := range known {
			if !slices.Contains(trades, trade) {
				trades = append(trades, trade)
			}
		}
	}
	return trades, ok
}

func (c *Catalogue) trade(word string) ([]string, bool) {
	known, ok := c.trades[word]
	if !ok {
		known, ok = c.trades[strings.TrimSuffix(word, worksSuffix)]
	}
	return known, ok
}

// normal folds full-width forms, case and surrounding space.
func normal(s string) string { return strings.ToLower(strings.TrimSpace(norm.NFKC.String(s))) }

// TradeName names a library trade for the locale; an unknown trade (free text)
// is its own name.
func (c *Catalogue) TradeName(trade, locale string) string {
	names, ok := c.tradeNames[trade]
	if !ok {
		return trade
	}
	return inLocale(locale, names[0], names[1])
}

// loadTradeNames wants a name for every library trade.
func (c *Catalogue) loadTradeNames(l *loader) {
	const file = "trades.csv"
	c.tradeNames = map[string][2]string{}
	for _, r := range unique(l.table(file, "trade", "name_zh", "name_en", "tag"), "trade") {
		r.tag("tag")
		c.tradeNames[r.must("trade")] = [2]string{r.must("name_zh"), r.must("name_en")}
	}
	for _, d := range c.defects {
		if _, ok := c.tradeNames[d.Trade]; !ok {
			l.faults = append(l.faults, &Fault{File: file, Column: "trade", Value: d.Trade, Err: ErrMissing})
		}
	}
}

// loadTrades maps every spelling of a contract trade. Every library trade must
// be reachable or listed, in a row whose contract trade is "-", with the reason
// why nobody is liable by contract.
func (c *Catalogue) loadTrades(l *loader) {
	const file = "contract_trades.csv"
	c.trades = map[string][]string{}
	placed := map[string]bool{}
	library := map[string]bool{}
	for _, d := range c.defects {
		library[d.Trade] = true
	}
	for _, r := range l.table(file, "contract_trades", "library_trades", "reason", "tag") {
		r.tag("tag")
		r.must("library_trades")
		trades := r.list("library_trades")
		for _, trade := range trades {
			if !library[trade] {
				r.fault("library_trades", ErrUnresolved)
			}
			placed[trade] = true
		}
		if r.must("contract_trades") == "-" {
			r.must("reason")
			continue
		}
		for _, word := range r.list("contract_trades") {
			if _, taken := c.trades[normal(word)]; taken {
				r.fault("contract_trades", fmt.Errorf("%w: %s", ErrDuplicate, word))
			}
			c.trades[normal(word)] = trades
		}
	}
	for _, d := range c.defects {
		if !placed[d.Trade] {
			l.faults = append(l.faults, &Fault{File: file, Column: "library_trades", Value: d.Trade, Err: ErrMissing})
			placed[d.Trade] = true
		}
	}
}
