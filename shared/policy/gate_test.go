package policy_test

import (
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// complete has every fact of both gates.
func complete() policy.GateFacts {
	return policy.GateFacts{
		Triggers: []policy.TriggerHit{{Trigger: domain.TriggerRefusal, Reason: domain.Because("reason.trigger.t6_refused")}},
		Notices:  []domain.Notice{served(start)}, Contacts: []domain.Contact{{At: start}}, BeforePhotos: 2, AfterPhotos: 1,
		Approved: true, QuoteGiven: true, QuoteAgreed: true, Reinspected: true, Settled: true, MaintenanceStatus: domain.MaintenanceSettled,
	}
}

func keys(facts []policy.Fact) []string {
	var list []string
	for _, f := range facts {
		list = append(list, f.Key)
	}
	return list
}

func TestGates(t *testing.T) {
	engagement := []string{"fact.trigger", "fact.notice", "fact.delivery_proof", "fact.contact_log", "fact.before_photos", "fact.approval"}
	charge := append(slices.Clone(engagement), "fact.quote", "fact.after_photos", "fact.reinspection", "fact.maintenance_accepted",
		"fact.settlement", "fact.contractor_liable")
	if got := keys(policy.EngagementGate(complete())); !slices.Equal(got, engagement) {
		t.Errorf("engagement gate %v", got)
	}
	if got := keys(policy.ChargeGate(complete())); !slices.Equal(got, charge) {
		t.Errorf("charge gate %v", got)
	}
	none := policy.GateFacts{ChargeToDeveloper: true}
	if got := keys(policy.Missing(policy.ChargeGate(none))); !slices.Equal(got, charge) {
		t.Errorf("nothing exists, missing %v", got)
	}
	for name, tc := range map[string]struct {
		change          func(*policy.GateFacts)
		engage, charged []string
	}{
		"complete":   {func(*policy.GateFacts) {}, nil, nil},
		"no trigger": {func(f *policy.GateFacts) { f.Triggers = nil }, []string{"fact.trigger"}, []string{"fact.trigger"}},
		"reminder is no notice": {
			func(f *policy.GateFacts) { f.Notices[0].Kind = domain.NoticeReminder },
			[]string{"fact.notice", "fact.delivery_proof"},
			[]string{"fact.notice", "fact.delivery_proof"},
		},
		"delivered without document": {
			func(f *policy.GateFacts) { f.Notices[0].ProofID = domain.AttachmentID{} }, []string{"fact.delivery_proof"}, []string{"fact.delivery_proof"},
		},
		"issued only": {
			func(f *policy.GateFacts) { f.Notices[0].State = domain.NoticeIssued }, []string{"fact.delivery_proof"}, []string{"fact.delivery_proof"},
		},
		"no contacts":      {func(f *policy.GateFacts) { f.Contacts = nil }, []string{"fact.contact_log"}, []string{"fact.contact_log"}},
		"no before photos": {func(f *policy.GateFacts) { f.BeforePhotos = 0 }, []string{"fact.before_photos"}, []string{"fact.before_photos"}},
		"not approved":     {func(f *policy.GateFacts) { f.Approved = false }, []string{"fact.approval"}, []string{"fact.approval"}},
		"emergency": {
			func(f *policy.GateFacts) { f.Approved, f.Emergency = false, true }, nil, []string{"fact.approval"},
		},
		"no quote":          {func(f *policy.GateFacts) { f.QuoteGiven, f.QuoteAgreed = false, false }, nil, []string{"fact.quote"}},
		"quote not agreed":  {func(f *policy.GateFacts) { f.QuoteAgreed = false }, nil, []string{"fact.quote"}},
		"no after photos":   {func(f *policy.GateFacts) { f.AfterPhotos = 0 }, nil, []string{"fact.after_photos"}},
		"not re-inspected":  {func(f *policy.GateFacts) { f.Reinspected = false }, nil, []string{"fact.reinspection"}},
		"work not accepted": {func(f *policy.GateFacts) { f.MaintenanceStatus = domain.MaintenancePendingAccept }, nil, []string{"fact.maintenance_accepted"}},
		"not settled":       {func(f *policy.GateFacts) { f.Settled = false }, nil, []string{"fact.settlement"}},
		"developer pays":    {func(f *policy.GateFacts) { f.ChargeToDeveloper = true }, nil, []string{"fact.contractor_liable"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := complete()
			tc.change(&f)
			engage, charged := policy.EngagementGate(f), policy.ChargeGate(f)
			if got := keys(policy.Missing(engage)); !slices.Equal(got, tc.engage) {
				t.Errorf("engagement misses %v, want %v", got, tc.engage)
			}
			if got := keys(policy.Missing(charged)); !slices.Equal(got, tc.charged) {
				t.Errorf("charge misses %v, want %v", got, tc.charged)
			}
			if policy.Open(engage) != (len(tc.engage) == 0) || policy.Open(charged) != (len(tc.charged) == 0) {
				t.Error("Open contradicts Missing")
			}
			for _, fact := range append(engage, charged...) {
				checkReason(t, fact.Detail, fact.Detail.Key)
				if _, ok := texts["en"][fact.Detail.Key]; !ok {
					t.Errorf("%s has no text for %s", fact.Key, fact.Detail.Key)
				}
			}
		})
	}
}
