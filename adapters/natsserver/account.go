package natsserver

import (
	"fmt"
	"strings"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// Account is a partner's place on the server.
type Account struct {
	// Key is the account's seed or its public key; only the latter is used.
	Key string
	// Name is for people who read the server's log.
	Name string
}

// What a partner's account may use of the server. Each connection can keep
// maxPending of memory occupied, and each subscription has its place in the
// lists that every message is matched against.
const (
	partnerConns = 8   // some systems with some connections each; a pool that leaks is stopped here
	partnerSubs  = 100 // an inbox for each connection is enough for any client
)

// messages is where a partner's account hears what the ledger has for it.
const messages = "berichten.>"

// NewAccountSeed draws the seed of an account. It is a secret: whoever has it
// can make users of the account.
func NewAccountSeed() (string, error) {
	kp, err := nkeys.CreateAccount()
	if err != nil {
		return "", fmt.Errorf("natsserver: drawing an account: %w", err)
	}
	seed, err := kp.Seed()
	return string(seed), err
}

// PublicKey is the public key of an account, given its seed or the key itself.
func PublicKey(key string) (string, error) {
	if nkeys.IsValidPublicAccountKey(key) {
		return key, nil
	}
	kp, err := accountPair(key)
	if err != nil {
		return "", err
	}
	return kp.PublicKey()
}

func accountPair(seed string) (nkeys.KeyPair, error) {
	kp, err := nkeys.FromSeed([]byte(seed))
	if err != nil || !strings.HasPrefix(seed, "SA") {
		return nil, fmt.Errorf("natsserver: not the seed of an account") // without echoing it
	}
	return kp, nil
}

// ledgerClaims is the account that has the streams and hears the partners.
func ledgerClaims(public string) *jwt.AccountClaims {
	c := jwt.NewAccountClaims(public)
	c.Name = "grootboek"
	c.Limits.LeafNodeConn = 0
	c.Limits.DisallowBearer = true
	c.Limits.JetStreamLimits = jwt.JetStreamLimits{
		MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit,
	}
	c.DefaultPermissions.Pub.Deny.Add(">") // every user of this account says what it needs
	c.DefaultPermissions.Sub.Deny.Add(">")
	for _, subject := range []string{"in.*.melden", "in.*.vragen.>"} {
		c.Exports.Add(&jwt.Export{
			Name: subject, Subject: jwt.Subject(subject), Type: jwt.Service,
			ResponseType: jwt.ResponseTypeSingleton, AccountTokenPosition: 2,
		})
	}
	c.Exports.Add(&jwt.Export{Name: messages, Subject: "out.*." + messages, Type: jwt.Stream, AccountTokenPosition: 2})
	return c
}

// partnerClaims is an account that can ask, tell and be told, and nothing else. The
// permissions are lists of what may be: a list of what may not be would rot
// with every new subject of the server.
func partnerClaims(public, name, ledger string) *jwt.AccountClaims {
	c := jwt.NewAccountClaims(public)
	c.Name = name
	c.Limits.Conn = partnerConns
	c.Limits.Subs = partnerSubs
	c.Limits.Payload = MaxPayload
	c.Limits.LeafNodeConn = 0
	c.Limits.Exports = 0
	c.Limits.DisallowBearer = true
	c.Limits.JetStreamLimits = jwt.JetStreamLimits{}
	for _, local := range []string{"melden", "vragen.>"} {
		c.Imports.Add(&jwt.Import{
			Name: local, Account: ledger, Type: jwt.Service,
			Subject: jwt.Subject("in." + public + "." + local), LocalSubject: jwt.RenamingSubject(local),
		})
	}
	c.Imports.Add(&jwt.Import{
		Name: messages, Account: ledger, Type: jwt.Stream,
		Subject: "out." + jwt.Subject(public) + "." + messages, LocalSubject: messages,
	})
	c.DefaultPermissions.Pub.Allow.Add("melden", "vragen.>")
	c.DefaultPermissions.Sub.Allow.Add("_INBOX.>", messages)
	return c
}
