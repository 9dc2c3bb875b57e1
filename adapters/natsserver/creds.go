package natsserver

import (
	"fmt"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// Creds makes a user of an account and gives its public key and its credentials
// in the standard .creds format, as nats.UserCredentials reads it. The user has
// the account's own permissions. A zero expiry is never; the server keeps
// nothing of a user, so the credentials hold as long as the account does.
func Creds(accountSeed, userName string, expiry time.Time) (userPublicKey string, creds []byte, err error) {
	account, err := accountPair(accountSeed)
	if err != nil {
		return "", nil, err
	}
	u := User{Name: userName}
	claims, seed, err := u.claims()
	if err != nil {
		return "", nil, err
	}
	claims.AllowedConnectionTypes.Add(jwt.ConnectionTypeStandard)
	if !expiry.IsZero() {
		claims.Expires = expiry.Unix()
	}
	token, err := claims.Encode(account)
	if err != nil {
		return "", nil, fmt.Errorf("natsserver: signing user %s: %w", userName, err)
	}
	creds, err = jwt.FormatUserConfig(token, seed)
	return claims.Subject, creds, err
}

// User is one of the program's own users of the ledger's account: each part of
// the program gets a connection that can do what that part needs and no more.
type User struct {
	Name      string
	Publish   []string // subjects it may publish to
	Subscribe []string // subjects it may subscribe to
}

// Door is the user that hears partners, answers them and tells them of messages.
// It can write nowhere else, so that a partner's choice of reply subject cannot
// make it.
var Door = User{Name: "deur", Publish: []string{"_R_.>", "out.>"}, Subscribe: []string{"in.>"}}

// claims draws a key for the user.
func (u *User) claims() (*jwt.UserClaims, []byte, error) {
	kp, err := nkeys.CreateUser()
	if err != nil {
		return nil, nil, fmt.Errorf("natsserver: drawing user %s: %w", u.Name, err)
	}
	public, err := kp.PublicKey()
	if err != nil {
		return nil, nil, err
	}
	seed, err := kp.Seed()
	if err != nil {
		return nil, nil, err
	}
	c := jwt.NewUserClaims(public)
	c.Name = u.Name
	c.Pub.Allow.Add(u.Publish...)
	c.Sub.Allow.Add(u.Subscribe...)
	return c, seed, nil
}
