// A certified OpenID provider (the npm package oidc-provider) with members that exist in no house, for the tests.
// Settings come as JSON in argv; commands come by stdin, one JSON a line; each is answered by one line.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";

const settings = JSON.parse(process.argv[2]);
const require = createRequire(settings.packages + "/");
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);

const members = new Map(Object.entries(settings.members)); // login -> { sub, number }
const subOf = (login) => members.get(login).sub;
const memberOf = (sub) => [...members.values()].find((one) => one.sub === sub);
const freshKey = () => ({ ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" });
const escaped = (text) => String(text).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

let keys = [freshKey()];
let provider, callback;
const issuer = `http://127.0.0.1:${settings.port}`;

const build = () => {
  provider = new Provider(issuer, {
    clients: settings.clients,
    jwks: { keys },
    cookies: { keys: ["only for tests"] },
    conformIdTokenClaims: false,
    acrValues: ["urn:test:two"],
    claims: { openid: ["sub", "employee_number", "acr", "amr", "auth_time", "sid"] },
    scopes: ["openid"],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: async (ctx, id) => (memberOf(id) ? { accountId: id, claims: async () => ({ sub: id, employee_number: memberOf(id).number }) } : undefined),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid");
      grant.addOIDCClaims(["employee_number", "acr", "amr", "auth_time", "sid"]);
      await grant.save();
      return grant;
    },
    renderError: async (ctx, out) => { ctx.type = "html"; ctx.body = `<!doctype html><title>error</title><p>${escaped(out.error)}: ${escaped(out.error_description)}</p>`; },
    fetch: (url, options) => { const { dispatcher, ...said } = options; return fetch(url, said); }, // our site is on this machine
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
  });
  provider.on("backchannel.error", (ctx, error) => process.stderr.write(`back channel: ${error.message} ${error.cause}\n`));
  callback = provider.callback();
};
build();

const body = async (request) => {
  let text = "";
  for await (const piece of request) text += piece;
  return new URLSearchParams(text);
};

const page = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>统一认证（测试）</title><h1>统一认证（测试）</h1><form method="post"><label>账号 <input name="login" autofocus></label><label><input type="checkbox" name="second" value="yes"> 第二因素</label><button>登录</button></form>`;

const server = createServer(async (request, response) => {
  if (settings.broken) { response.writeHead(503).end(); return; }
  if (!request.url.startsWith("/interaction/")) { callback(request, response); return; }
  try {
    if (request.method === "GET") { await provider.interactionDetails(request, response); response.setHeader("content-type", "text/html; charset=utf-8"); response.end(page); return; }
    const said = await body(request);
    const login = said.get("login");
    if (!members.has(login)) { await provider.interactionFinished(request, response, { error: "access_denied" }); return; }
    const second = said.get("second") === "yes";
    const amr = second ? ["pwd", "mfa"] : ["pwd"];
    await provider.interactionFinished(request, response, { login: { accountId: subOf(login), amr, acr: second ? "urn:test:two" : undefined } });
  } catch (error) { response.writeHead(400).end(String(error.name)); }
});

server.listen(settings.port, "127.0.0.1", () => process.stdout.write(JSON.stringify({ issuer }) + "\n"));

createInterface({ input: process.stdin }).on("line", (line) => {
  const command = JSON.parse(line);
  if (command.do === "rotate") { keys = [freshKey()]; build(); }
  if (command.do === "members") { members.clear(); for (const [login, one] of Object.entries(command.members)) members.set(login, one); }
  if (command.do === "broken") settings.broken = command.is;
  process.stdout.write(JSON.stringify({ done: command.do }) + "\n");
}).on("close", () => process.exit(0));
