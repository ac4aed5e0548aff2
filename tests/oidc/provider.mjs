// An OpenID provider that is not ours (npm oidc-provider), with one registered Tuner and a few people.
//
//   node provider.mjs FOLDER   where FOLDER holds node_modules (scripts/install-oidc-provider)
//
// Prints "ready http://127.0.0.1:PORT" and ends with its standard input. Signing in is the package's own form:
// whatever login is typed is the person's `sub`. POST /_test/people {sub, ...claims} changes what it says of one.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// Standard output is for the one line: nobody reads on.
console.info = console.error;

const folder = resolve(process.argv[2]);
const library = pathToFileURL(join(folder, 'node_modules/oidc-provider/lib/index.js'));
const { default: Provider } = await import(library);

const CALLBACK = 'https://tuner.example/api/v1/auth/oidc/callback';
const people = new Map();

const client = (client_id, more) => ({
  client_id, redirect_uris: [CALLBACK], grant_types: ['authorization_code'], response_types: ['code'], ...more,
});

const signingKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomBytes(8).toString('hex') };
};

const provider = (issuer) => new Provider(issuer, {
  clients: [
    client('tuner', { client_secret: 'a-secret-of-the-tests', token_endpoint_auth_method: 'client_secret_basic' }),
    client('tuner-public', { token_endpoint_auth_method: 'none' }),
  ],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
  // As the standard has it: with an access token, the claims of scopes are in the user info only.
  conformIdTokenClaims: true,
  cookies: { keys: [randomBytes(16).toString('hex')] },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  jwks: { keys: [signingKey()] },
  pkce: { required: () => true },
});

const read = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks));
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const answer = provider(issuer).callback();
  server.on('request', async (request, response) => {
    if (request.url !== '/_test/people') return answer(request, response);
    const { sub, ...claims } = await read(request);
    people.set(sub, claims);
    return response.writeHead(204).end();
  });
  console.log(`ready ${issuer}`);
});
process.stdin.on('end', () => process.exit()).resume();
