// A mail server that is not ours. It prints a line of JSON for each thing that
// happens: where it listens, and each mail with its envelope.
//   node smtp.js CERT KEY [tls]
const fs = require('fs');
const { SMTPServer } = require('smtp-server');
const say = (o) => process.stdout.write(JSON.stringify(o) + '\n');
const server = new SMTPServer({
  cert: fs.readFileSync(process.argv[2]),
  key: fs.readFileSync(process.argv[3]),
  secure: process.argv[4] === 'tls',
  authMethods: ['PLAIN'],
  onAuth(auth, session, done) {
    if (auth.username === 'huisboek' && auth.password === 'geheim') return done(null, { user: auth.username });
    done(new Error('wrong user or password'));
  },
  onRcptTo(address, session, done) {
    if (address.address.startsWith('niemand@')) return done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
    done();
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      say({ from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map((a) => a.address), secure: session.secure, mail: Buffer.concat(parts).toString('latin1') });
      done();
    });
  },
});
server.on('error', (err) => say({ error: err.message }));
server.listen(0, '127.0.0.1', () => say({ port: server.server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume(); // ends with whoever started it
