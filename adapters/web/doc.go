// Package web is the HTTP door of a book: the JSON API under /v1, health and
// metrics, and the Go client that the command line uses. Within the program the
// same client asks without a connection (ClientAs), and is told no more.
//
// It follows the NL API Design Rules 2.1 and answers every refusal as a
// [ledger.Problem]. What comes in at /v1/gebeurtenissen goes to the desk as it
// came (report.go). Each answer to a question names the position it is true for
// and the moment of that record; ?vanafPositie=N waits, five seconds at most,
// until the answer can be true for N.
//
// # Who sees what
//
// After the table of roles in docs/contract.md, decided here and nowhere else (which
// role may ask what: server.go; what it then sees of a person: sight.go):
//
//   - A partner sees everybody's plans, visits and services with the account
//     manager's name and phone. The account manager's mail address and own id,
//     and free text, go to the partner that wrote them only.
//   - An employer's contact persons go to the partner that described them only;
//     to others the card says how many there are. The contract gives nobody
//     else a right to them, so none is taken. Who gets them is on disk before the
//     answer is sent (giveContacts in readlog.go), and a door without a
//     Config.ReadLog gives them to nobody.
//   - A partner sees its own placements in full; of others a count by partner
//     and closed month. The month that is running shows its own alone.
//   - A partner sees its own signals in full; of others' how many there are by theme.
//     Vacancies, links between employers and how regularly everybody tells are for
//     all partners.
//   - What names a partner's events (melding) goes to that partner; of a plan also to
//     whom it names in samenMet, which confirms by it.
//   - What is a partner's own includes what those told whose work it goes on with,
//     from the day of the succession on.
//   - What came in from a partner, and its messages, are for that partner only. A
//     message shows of another no more than the timeline does.
//   - A partner that does not take part today sees nothing, whatever token it has.
//   - A steward sees what a partner sees that has nothing of its own, and the status
//     and the employers that may be the same one.
//   - A board sees totals (/v1/tellingen), and no person and no employer.
//   - An auditor sees who looked at contact persons (/v1/inzagen), of all partners,
//     and nothing else. A partner sees there what its own people looked at, and
//     who looked at what it described; which credential of another it was it does
//     not see. The log names no contact person. Account managers' names and phones
//     are not in it: colleagues share them for their work, in nearly every answer.
//
// A member whose key was erased is null, and the object it stood in says
// "gewist": true.
package web
