package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// layout is a layout type as the list names it, with its sold area in m².
type layout struct {
	name   string
	areaM2 float64
}

// The layout types; assets/sample/plans holds a plan for each.
var (
	layoutA = layout{"A户型 三室两厅一卫", 89.37}
	layoutB = layout{"B户型 三室两厅两卫", 118.62}
	layoutC = layout{"C户型 三室两厅两卫(镜像)", 118.62}
	layoutD = layout{"D户型 四室两厅两卫", 142.05}
)

// building is one block of flats with two entrances and two flats a landing.
type building struct {
	name      string
	fitOut    string
	floors    []int
	layouts   [2][2]layout // by entrance and position
	completed time.Time
}

func buildings() []building {
	return []building{
		{"1#", "精装", floors(26, 4, 14), [2][2]layout{{layoutB, layoutC}, {layoutD, layoutA}}, day2026(time.August, 20)},
		{"2#", "精装", floors(24), [2][2]layout{{layoutD, layoutA}, {layoutB, layoutC}}, day2026(time.August, 20)},
		{"3#", "毛坯", floors(18), [2][2]layout{{layoutB, layoutC}, {layoutD, layoutA}}, day2026(time.August, 26)},
	}
}

// floors are the storeys up to the top one without those that the building's lift does not name.
func floors(top int, missing ...int) []int {
	var named []int
next:
	for floor := 1; floor <= top; floor++ {
		for _, m := range missing {
			if floor == m {
				continue next
			}
		}
		named = append(named, floor)
	}
	return named
}

// flat is one row of the list.
type flat struct {
	building          building
	entrance          string
	floor             int
	number            string
	layout            layout
	surveyedM2        float64
	sold              bool
	owners            string
	phone, id4, bank  string
	handoverOn        time.Time
	handoverWrittenAs string // "" for a real date
}

// inventFlats makes the flats of all buildings, from the first building's first entrance upwards.
func inventFlats(random *rand.Rand) []flat {
	banks := []string{"样例银行一", "样例银行二", "样例银行三", "公积金", ""}
	var flats []flat
	owner := 0
	nextOwner := func() string {
		owner++
		return fmt.Sprintf("样例业主%03d", owner)
	}
	for _, b := range buildings() {
		for entrance, pair := range b.layouts {
			for _, floor := range b.floors {
				for position, l := range pair {
					f := flat{
						building: b, entrance: fmt.Sprintf("%d单元", entrance+1), floor: floor, number: fmt.Sprintf("%d%02d", floor, position+1),
						layout: l, handoverOn: day2026(time.September, 30), sold: random.IntN(10) > 0,
						// Surveyed areas stay within one per cent of the sold ones.
						surveyedM2: math.Round(l.areaM2*(1+(random.Float64()-0.5)*0.02)*100) / 100,
					}
					switch random.IntN(12) {
					case 0:
						f.handoverWrittenAs = "2026-09-30"
					case 1:
						f.handoverWrittenAs = "2026年9月30日"
					}
					if f.sold {
						f.owners = nextOwner()
						if random.IntN(5) == 0 {
							f.owners += "、" + nextOwner()
						}
						f.phone = fmt.Sprintf("1200000%04d", random.IntN(10000))
						f.id4 = fmt.Sprintf("%03d%c", random.IntN(1000), "0123456789X"[random.IntN(11)])
						f.bank = banks[random.IntN(len(banks))]
					}
					flats = append(flats, f)
				}
			}
		}
	}
	return flats
}
