// Package domain holds Keyturn's field terms: typed ids, records, states and
// the transition tables that app and server both obey. It imports the standard
// library only and decides nothing that needs configuration (see policy).
//
// # Glossary
//
//	Company       the developer; one server belongs to one company
//	Project       a residential development with its zone and working calendar
//	Phase         a handover batch (交付批次)
//	Building      楼栋; Entrance is 单元, a stairwell of a building, may be empty
//	Unit          a flat (户); its key is project + building + entrance + number
//	Room          a space of a unit, named by the plan's sidecar or by standard rooms
//	PublicArea    a place outside units: lobby, roof, facade, basement
//	Layout        户型; a Plan is one revision of its drawing
//	Pin           a point on one plan revision, relative to its size
//	Checklist     the items of a Stage; an Inspection answers them as Results
//	Baseline      the frozen show flat that units are compared with
//	Defect        what is wrong, where, with photos; never "snag" or "issue"
//	Severity      of a defect: critical 严重, major 较重, minor 一般, cosmetic 观感
//	Attachment    a photo, audio, signature or document that evidences a record
//	Ticket        a repair ticket, raised only by the server's authority
//	Repair        the liable contractor's work; Maintenance is the third party's
//	Notice        a rectification notice or a reminder to a contractor
//	Reinspection  the verdict on a repair by somebody other than the repairer
//	Confirmation  the homeowner's word that the repair is good
//	BackCharge    what a contractor owes for maintenance done in its place
//	Retention     money held back from a contractor, kept as a ledger
//	Review        captured work that a device was not entitled to send, until a person decides
//	Homeowner     业主; Contractor is 责任单位; a Party is either kind of company
//
// # Record fields
//
// Records travel as CBOR maps with integer keys. In every record key 1 is the
// parent record's id and key 2 its state, so stores index both without knowing
// the record. Keys are never reused; readers keep keys they do not know.
package domain
