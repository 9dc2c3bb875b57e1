// Waits for a hint on berichten.>, asks for the messages over both doors, and
// prints all three. It says "subscribed" when it is ready for the hint.
import { readFileSync } from "node:fs";
import { connect, credsAuthenticator } from "@nats-io/transport-node";

const { HUISBOEK_URL, HUISBOEK_TOKEN, HUISBOEK_NATS, HUISBOEK_CREDS } = process.env;

const connection = await connect({
  servers: HUISBOEK_NATS,
  authenticator: credsAuthenticator(readFileSync(HUISBOEK_CREDS)),
});
const hints = connection.subscribe("berichten.>", { max: 1 });
await connection.flush();
console.log("subscribed");

for await (const hint of hints) {
  const overNATS = await connection.request("vragen.berichten", JSON.stringify({ aantal: 50 }), { timeout: 35_000 });
  const overHTTP = await fetch(`${HUISBOEK_URL}/v1/berichten?aantal=50&vanafPositie=${hint.json().positie}`, {
    headers: { authorization: `Bearer ${HUISBOEK_TOKEN}` },
  });
  console.log(JSON.stringify({
    hint: { subject: hint.subject, body: hint.json() },
    nats: overNATS.json(),
    http: await overHTTP.json(),
  }));
}
await connection.close();
