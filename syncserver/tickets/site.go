package tickets

import (
	"context"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/policy"
	"keyturn/syncserver/store"
)

func derive(parts ...string) domain.AnyID { return ident.Derive[any](parts...) }

// siteSource is the records that a site is built from.
type siteSource struct {
	project merge.Record
	configs []merge.Record
	scopes  []merge.Record
	parties []merge.Record
}

func readSite(ctx context.Context, tx *store.Tx, project domain.ProjectID) (s siteSource, err error) {
	if s.project, err = tx.Record(ctx, domain.EntityProject, project.Any()); err != nil {
		return s, err
	}
	for entity, into := range map[domain.Entity]*[]merge.Record{
		domain.EntityConfig: &s.configs, domain.EntityScope: &s.scopes, domain.EntityParty: &s.parties,
	} {
		if *into, err = tx.Records(ctx, entity, store.Filter{Project: project}); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s siteSource) build(c *catalog.Catalogue, id domain.ProjectID) (*site, error) {
	project, err := merge.As[domain.Project](s.project)
	if err != nil {
		return nil, err
	}
	out := &site{catalogue: c, project: project, parties: map[domain.PartyID]domain.Party{}}
	if out.calendar, err = policy.NewCalendar(project); err != nil {
		return nil, err
	}
	if err := out.configure(c, s.configs, id); err != nil {
		return nil, err
	}
	for _, r := range s.parties {
		p, err := merge.As[domain.Party](r)
		if err != nil {
			return nil, err
		}
		out.parties[domain.PartyID(r.ID)] = p
	}
	for _, r := range s.scopes {
		scope, err := merge.As[domain.ContractScope](r)
		if err != nil {
			return nil, err
		}
		party := out.parties[scope.PartyID]
		out.scopes = append(out.scopes, policy.ScopeFacts{
			ID: domain.ScopeID(r.ID), PartyID: scope.PartyID, PartyName: party.Name, Kind: party.Kind,
			Trades: libraryTrades(c, scope.Trades), Buildings: scope.Buildings, WarrantyStart: scope.WarrantyStart,
			LiabilityEnd: scope.LiabilityEnd, ResponseHours: scope.ResponseHours,
		})
	}
	return out, nil
}

// configure lays the project's own values over the company's, and those of each
// contract over both.
func (s *site) configure(c *catalog.Catalogue, rows []merge.Record, project domain.ProjectID) error {
	values := map[domain.AnyID]map[string]string{}
	for _, r := range rows {
		v, err := merge.As[domain.Config](r)
		if err != nil {
			return err
		}
		if values[v.OwnerID] == nil {
			values[v.OwnerID] = map[string]string{}
		}
		values[v.OwnerID][v.Key] = v.Value
	}
	config, err := c.Defaults().Override(policy.LevelCompany, values[domain.AnyID{}])
	if err != nil {
		return err
	}
	if s.config, err = config.Override(policy.LevelProject, values[project.Any()]); err != nil {
		return err
	}
	s.contracts = map[domain.ScopeID]policy.Config{}
	for owner, own := range values {
		if owner == project.Any() || owner.IsZero() {
			continue
		}
		if s.contracts[domain.ScopeID(owner)], err = s.config.Override(policy.LevelContract, own); err != nil {
			return err
		}
	}
	return nil
}

func libraryTrades(c *catalog.Catalogue, contract []string) []string {
	var trades []string
	for _, name := range contract {
		if mapped, ok := c.LibraryTrades(name); ok {
			trades = append(trades, mapped...)
		}
	}
	return trades
}

// scope is a contract scope by id, empty for one that is not known.
func (s *site) scope(id domain.ScopeID) policy.ScopeFacts {
	for _, f := range s.scopes {
		if f.ID == id {
			return f
		}
	}
	return policy.ScopeFacts{}
}

// contractConfig is the configuration of one contract.
func (s *site) contractConfig(scope domain.ScopeID) policy.Config {
	if own, ok := s.contracts[scope]; ok {
		return own
	}
	return s.config
}
