/**
 * Each line of the shell blocks in docs/pages, and what runs it. A new line in a page needs a row here; docs/test checks that.
 *
 * - `start`: `node test/packed/run.mjs start`, the page Getting started in an empty folder.
 * - `guides`: `node test/packed/run.mjs guides`, in a project from tarballs.
 * - `template`: `node test/packed/run.mjs template`, in a project that `npm create iamfetch` made.
 * - `setup`: `npm run test:guides`, against an emulator or the local stack.
 * - `names`: the packages that the line installs are looked up by `node test/packed/run.mjs guides`.
 * - anything else: why it is not run.
 */
export const SHELL_LINES: Readonly<Record<string, string>> = {
  'mkdir notes && cd notes': 'start',
  'npm init -y': 'start',
  'npm install iamfetch': 'start',
  'npm install --save-dev @iamfetch/local': 'start',
  'node call.mjs': 'start',
  'npm create iamfetch@latest my-app': 'guides',
  'node_modules/.bin/iamfetch-local stack.ts --json --quiet > stack.json &': 'guides',
  'stack=$!': 'guides',
  'kill "$stack"': 'guides',
  'until [ -s stack.json ]; do sleep 0.1; done': 'guides',
  'npx @iamfetch/local permissions stack.ts --out src/permissions.json': 'guides',
  'npx @iamfetch/local openapi stack.ts --url https://api.example.com/prod --out openapi.json':
    'guides',
  'npx @iamfetch/local permissions --policy EditorsRole=policies/editors.json --route "GET /notes" --route "POST /notes" --api arn:aws:execute-api:eu-central-1:123456789012:abc123/prod':
    'guides',
  'npx @iamfetch/local template.yaml': 'guides',
  'npx @iamfetch/local cdk.out --stack Notes': 'guides',
  'npx @iamfetch/local template.yaml --parameter Stage=dev': 'guides',
  'npx iamfetch explain': 'guides',
  'npx iamfetch whoami -': 'guides',
  'npm run build': 'template',
  'npm install iamfetch aws-amplify': 'names',
  'npm install iamfetch @iamfetch/machine': 'names',
  'npm install iamfetch @iamfetch/machine @redis/client': 'names',
  'npm install @iamfetch/developer-access @iamfetch/server iamfetch hono': 'names',
  'npm install @iamfetch/server': 'names',
  'npm install hono': 'names',
  'npm install express': 'names',
  'npm install fastify': 'names',
  'npm install @middy/core': 'names',
  'npm install @aws-lambda-powertools/event-handler': 'names',
  'docker run --rm -p 9000:8080 my-function': 'it needs Docker and an image of the reader',
  'npm install @tanstack/react-query': 'names',
  'npm install --save-dev @playwright/test': 'names',
  'npm install --save-dev jest @babel/plugin-transform-modules-commonjs': 'names',
  'npm install --save-dev msw': 'names',
  'npm install --save-dev @iamfetch/cdk aws-cdk aws-cdk-lib constructs esbuild': 'names',
  'export AWS_REGION=eu-central-1': 'setup',
  'NAME=notes ORIGIN=http://localhost:5173 ./set-up.sh': 'setup',
  'aws cognito-idp admin-create-user --user-pool-id "$USER_POOL" --username bob --message-action SUPPRESS':
    'setup',
  'aws cognito-idp admin-set-user-password --user-pool-id "$USER_POOL" --username bob --password "$PASSWORD" --permanent':
    'setup',
  'aws cognito-idp admin-add-user-to-group --user-pool-id "$USER_POOL" --username bob --group-name Readers':
    'setup',
  'aws cognito-idp admin-create-user --user-pool-id "$USER_POOL" --username alice --message-action SUPPRESS':
    'setup',
  'aws cognito-idp admin-set-user-password --user-pool-id "$USER_POOL" --username alice --password "$PASSWORD" --permanent':
    'setup',
  'aws cognito-idp admin-add-user-to-group --user-pool-id "$USER_POOL" --username alice --group-name FullAccess':
    'setup',
  'npx iamfetch whoami eyJ...': 'it stands for a token; packages/iamfetch/test/cli runs whoami',
  'npx @iamfetch/local stack.ts --port 9400 --host 0.0.0.0 --allow-host stack':
    'it is for a container; node test/packed/run.mjs container runs these options',
  'npx playwright install chromium': 'it downloads a browser',
  'npx expo install expo-secure-store':
    'it needs an Expo project: npm run test:native installs one',
  'npx cdk bootstrap aws://123456789012/eu-central-1': 'it needs an AWS account',
  'npx cdk deploy': 'it needs an AWS account; node test/packed/run.mjs template runs cdk synth',
  'sam build': 'it needs the SAM CLI, which reaches AWS',
  'sam deploy --guided --capabilities CAPABILITY_IAM': 'it needs an AWS account',
  'terraform init': 'it downloads providers',
  'terraform apply -var region=eu-central-1 -var origin=http://localhost:5173':
    'it needs an AWS account',
  'terraform output -raw config > config.json': 'it needs an AWS account',
  'npm install': 'it is run in this repository, by every command',
  'cd examples/infra && npm ci': 'it is run in this repository: npm run check:infra',
  'npm run deploy -- GroupAccess': 'it needs an AWS account; npm run check:infra synthesizes it',
  'npm run demo:fleet': 'it is run in this repository: examples/premium-content/test',
}

/** The lines of the shell blocks of a page, without comments. */
export const shellLinesOf = (page: string): string[] =>
  [...page.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].flatMap(([, block = '']) =>
    block
      .replaceAll(/ \\\n\s*/g, ' ')
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  )
