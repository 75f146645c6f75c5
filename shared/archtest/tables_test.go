package archtest

// layer says what a package may import from this module, as space-separated
// paths; "x/..." stands for x and everything below it.
type layer struct {
	may   string
	tests string // besides may, for its test files
}

// layers is the house, bottom up. The direction is
//
//	main → ui | HTTP → screen | tickets → engines → syncproto, policy, merge → domain
//
// A package that is not listed fails; so does an import that its line does not name.
var layers = map[string]layer{
	"shared/domain":    {},
	"shared/ident":     {may: "shared/domain"},
	"shared/policy":    {may: "shared/domain"},
	"shared/syncproto": {may: "shared/domain"},
	"shared/merge":     {may: "shared/domain shared/syncproto"},
	"shared/receipt":   {may: "shared/domain shared/syncproto"},
	"shared/rotation":  {may: "shared/domain"},
	"shared/bundle":    {may: "shared/domain shared/syncproto"},
	"shared/catalog":   {may: "shared/domain shared/policy"},
	"shared/wording":   {may: "shared/domain"},
	"shared/document":  {may: "shared/domain shared/wording"},
	"shared/photo":     {may: "shared/domain"},
	"shared/sqltx":     {},
	"shared/sqlitedb":  {may: "shared/sqltx"},

	// Tests that look at the house from outside: no code of their own.
	"shared/archtest":  {},
	"shared/backends":  {}, // starts the real components for the others' tests
	"shared/walktest":  {tests: "app/... shared/... syncserver/..."},
	"shared/benchtest": {tests: "app/... shared/... syncserver/..."},
	"shared/drilltest": {tests: "app/... shared/... syncserver/..."},
	"shared/faulttest": {tests: "app/... shared/... syncserver/..."},
	"shared/simtest":   {tests: "app/... shared/... syncserver/..."},
	// The disk of the simulation: cgo, which test files may not hold.
	"shared/simtest/powercut": {tests: "shared/sqlitedb"},
	// What the yardstick measures against: it knows nothing of Keyturn.
	"shared/benchtest/floor": {},

	// What is shipped: data, one go:embed each, handed in by a main. The draw… commands make the sample.
	"assets/catalog":             {},
	"assets/fonts":               {},
	"assets/icons":               {},
	"assets/sample":              {},
	"assets/sample/drawphotos":   {},
	"assets/sample/drawplans":    {may: "assets/fonts"},
	"assets/sample/drawworkbook": {},
	"assets/translations":        {},

	// The app. core puts the parts together without a window. A screen declares the interfaces that it needs,
	// its oncore implements them on a core, and window brings core, screens and their drawing together.
	"app/localstore": {may: "shared/domain shared/merge shared/sqlitedb shared/sqltx shared/syncproto"},
	"app/camera":     {},
	"app/syncer":     {may: "app/localstore shared/domain shared/rotation shared/syncproto"},
	"app/fieldwork": {may: "app/localstore " +
		"shared/catalog shared/domain shared/ident shared/merge shared/photo shared/policy shared/syncproto"},
	"app/conflict":     {may: "shared/catalog shared/domain shared/merge shared/syncproto shared/wording"},
	"app/core":         {may: "app/fieldwork app/localstore app/syncer shared/..."},
	"app/screen/field": {may: "app/conflict shared/catalog shared/domain shared/photo shared/policy shared/syncproto shared/wording"},
	"app/screen/desk": {
		may:   "app/conflict shared/catalog shared/domain shared/ident shared/photo shared/policy shared/syncproto shared/wording",
		tests: "app/screen/desk/desktest",
	},
	"app/screen/field/oncore": {may: "app/conflict app/screen/field app/core app/fieldwork app/localstore app/syncer " +
		"shared/domain shared/photo shared/receipt shared/sqlitedb shared/syncproto"},
	"app/screen/desk/oncore": {may: "app/conflict app/screen/desk app/core app/fieldwork app/localstore app/syncer " +
		"shared/domain shared/photo shared/sqlitedb shared/syncproto", tests: "app/screen/desk/desktest"},
	"app/screen/desk/desktest": {may: "app/conflict app/screen/desk shared/..."},
	"app/ui/kit":               {},
	"app/ui/field":             {may: "app/conflict app/screen/field app/ui/kit shared/domain shared/wording"},
	"app/ui/desk":              {may: "app/conflict app/screen/desk app/ui/kit shared/domain shared/wording", tests: "app/screen/desk/desktest"},
	"app/ui/shell":             {may: "app/ui/kit shared/wording"},
	"app/window":               {may: "app/camera app/core app/screen/... app/ui/... shared/wording"},
	"app":                      {may: "app/... assets/... shared/..."},

	// The server. service puts the parts together for main and for tests.
	"syncserver/store":        {may: "shared/domain shared/merge shared/sqlitedb shared/sqltx shared/syncproto"},
	"syncserver/blobs":        {may: "shared/domain"},
	"syncserver/accounts":     {may: "syncserver/store shared/domain shared/ident"},
	"syncserver/intake":       {may: "syncserver/store shared/domain shared/ident shared/merge shared/syncproto"},
	"syncserver/snapshots":    {may: "syncserver/store shared/domain shared/syncproto"},
	"syncserver/live":         {may: "syncserver/intake shared/domain shared/syncproto", tests: "syncserver/store"},
	"syncserver/receipts":     {may: "syncserver/intake syncserver/store shared/domain shared/receipt shared/syncproto"},
	"syncserver/backup":       {may: "syncserver/blobs syncserver/intake syncserver/store shared/domain shared/syncproto"},
	"syncserver/handoverlist": {may: "shared/domain shared/syncproto"},
	"syncserver/tickets": {may: "syncserver/intake syncserver/store " +
		"shared/catalog shared/domain shared/ident shared/merge shared/policy shared/syncproto shared/wording"},
	"syncserver/api": {may: "syncserver/accounts syncserver/blobs syncserver/intake syncserver/live syncserver/receipts syncserver/snapshots syncserver/store " +
		"shared/domain shared/rotation shared/syncproto"},
	"syncserver/service": {may: "syncserver/accounts syncserver/api syncserver/blobs syncserver/handoverlist syncserver/intake " +
		"syncserver/live syncserver/receipts syncserver/snapshots syncserver/store syncserver/tickets shared/..."},
	"syncserver": {may: "assets/... shared/... syncserver/..."},
}

// testsMay is what the test files of each side may import besides: the data
// that is shipped, and of shared what they make records and messages with.
var testsMay = map[string]string{
	"app":        "assets/... shared/...",
	"assets":     "assets/... shared/...",
	"shared":     "assets/... shared/domain shared/ident",
	"syncserver": "assets/... shared/...",
}

// library is a third party's module and the packages that may import it: a
// library with one owner can be replaced or patched in one place.
type library struct {
	path  string // the module, or a package of it that has an owner of its own
	in    string
	tests string // besides in, for test files
}

// libraries lists all of them. A library that is not listed fails.
var libraries = []library{
	// The driver needs C, X11 and OpenGL. Out of the packages, they are tested without.
	{path: "fyne.io/fyne/v2/app", in: "app", tests: "shared/walktest"},
	{path: "fyne.io/fyne/v2", in: "app app/ui/... app/window", tests: "shared/walktest"},
	{path: "github.com/fsnotify/fsnotify", in: "app/camera"},
	{path: "github.com/fxamacker/cbor/v2", in: "shared/syncproto shared/benchtest/floor"},
	{path: "github.com/gofrs/uuid/v5", in: "shared/ident"},
	{path: "github.com/gorilla/websocket", in: "app/syncer syncserver/live shared/benchtest/floor", tests: "shared/benchtest"},
	{path: "github.com/jackc/pgx/v5", in: "syncserver/store shared/benchtest/floor"},
	{path: "github.com/klauspost/compress", in: "shared/syncproto shared/benchtest/floor"},
	{path: "github.com/mattn/go-sqlite3", in: "shared/sqlitedb shared/benchtest/floor"},
	{path: "github.com/minio/minio-go/v7", in: "syncserver/blobs"},
	{path: "github.com/mozillazg/go-pinyin", in: "shared/catalog"},
	{path: "github.com/pressly/goose/v3", in: "shared/sqlitedb syncserver/store"},
	{path: "github.com/prometheus/client_golang", in: "syncserver/api"},
	{path: "github.com/xuri/excelize/v2", in: "syncserver/handoverlist assets/sample/drawworkbook", tests: "assets/... shared/... syncserver/..."},
	{path: "golang.org/x/crypto", in: "syncserver/accounts"},
	{path: "golang.org/x/image", in: "app/ui/... assets/sample/... shared/photo", tests: "assets/..."},
	{path: "golang.org/x/sync", in: "syncserver/blobs"},
	{path: "golang.org/x/text", in: "shared/catalog syncserver/handoverlist", tests: "assets/..."},
	{path: "golang.org/x/time", in: "syncserver/api"},
	{path: "github.com/go-text/typesetting", tests: "assets/fonts"},
	{path: "pgregory.net/rapid", tests: "app/... shared/... syncserver/..."},
}

const (
	maxLines     = 500 // a file: 120 is usual, above 500 there is a natural cut
	maxMainLines = 150 // main.go wires, it does not do
	maxFiles     = 25  // of a package, tests not counted
)

// morePackageFiles lists the packages that may have more files than maxFiles, each with its reason.
var morePackageFiles = map[string]int{
	"app/screen/desk":         30, // one file a part of the desk
	"app/screen/field":        30, // one file a screen of the tablet
	"app/ui/kit":              40, // one small file a widget; each is used on its own, and none imports another package of the app
	"syncserver/handoverlist": 30, // one small file a kind of cell, row and column of the workbook
}

// vagueNames say nothing about what is inside.
var vagueNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "base"}

// chineseInput lists the files (or, ending in a slash, folders) outside assets
// whose Chinese is not shown to anybody: words that people write in what the product reads.
var chineseInput = []string{
	"shared/catalog/layouts.go", // numerals in layout names: 三室两厅
	"shared/catalog/trades.go",  // endings of trade names in contracts
	"syncserver/handoverlist/",  // titles and values of the developer's workbook
}
