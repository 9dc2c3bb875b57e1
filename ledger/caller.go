package ledger

import "huisboek/events"

// Role is what a credential may do (docs/contract.md, "Roles").
type Role string

// The roles, as they are written in the access file and on the command line.
const (
	RolePartner Role = "partner"
	RoleSteward Role = "steward"
	RoleBoard   Role = "board"
	RoleAuditor Role = "auditor"
)

// Caller is who speaks, as established by the door from a credential and never
// from what the caller says.
type Caller struct {
	Role       Role
	Partner    string // internal UUID of the partner; empty for the other roles
	Credential string // opaque id of the credential; stored with every record
	Door       string // DoorNATS, DoorHTTP, DoorLocal or DoorBook
}

// The doors, as stored in a record's weg.
const (
	DoorNATS  = "nats"   // a partner's NATS account
	DoorHTTP  = "http"   // /v1
	DoorLocal = "beheer" // the local socket, or the command line on the files themselves
	DoorBook  = "boek"   // the ledger itself
)

// Submission is an event with who says it.
type Submission struct {
	Event  *events.Event
	Caller Caller
}
