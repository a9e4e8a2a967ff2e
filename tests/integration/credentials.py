# SPDX-License-Identifier: MIT
"""Where AWS credentials come from, on loopback: instance metadata, a container,
AWS STS, IAM Identity Center, all on one port that the system picked. Signatures
are checked with Python's hmac: none of our own code takes part."""

import datetime
import hashlib
import hmac
import http.server
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import urllib.parse

CLI = os.path.join(os.environ['IVS_BUILD_DIR'], 'bin', 'ivs-token')
REGION = 'us-west-2'
SECRET = 'secret/+of+the+test+that+nobody+prints'
TOKEN = 'token//of+the+test+that+nobody+prints=='


def later(minutes):
    """A time from now, as AWS writes it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(minutes=minutes)).strftime(
        '%Y-%m-%dT%H:%M:%SZ')


def signature(secret, authorization, method, path, headers, body):
    """The signature that belongs to a request (AWS General Reference)."""
    scope = re.search('Credential=[^/]+/([^,]+)', authorization)[1]
    signed = re.search('SignedHeaders=([^,]+)', authorization)[1]
    lines = [method, path, '']
    for name in signed.split(';'):
        lines.append(f'{name}:{" ".join(headers[name].split())}')
    lines += ['', signed, hashlib.sha256(body).hexdigest()]
    text = '\n'.join(['AWS4-HMAC-SHA256', headers['x-amz-date'], scope,
                      hashlib.sha256('\n'.join(lines).encode()).hexdigest()])
    key = b'AWS4' + secret.encode()
    for part in scope.split('/'):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """What each service answers; anything unexpected is a 400."""

    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def reply(self, status, body, kind='application/json'):
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return self.rfile.read(int(self.headers.get('content-length') or 0))

    def note(self, what):
        self.server.world.requests.append(what)

    def do_PUT(self):
        self.note('imds token')
        self.body()
        if self.path != '/latest/api/token' or self.headers.get(
                'x-aws-ec2-metadata-token-ttl-seconds') != '21600':
            return self.reply(400, '')
        if self.server.world.imds_v1_only:
            return self.reply(404, '')
        return self.reply(200, 'imds-token', 'text/plain')

    def document(self, key):
        return json.dumps({'Code': 'Success', 'AccessKeyId': key,
                           'SecretAccessKey': SECRET, 'Token': TOKEN,
                           'Expiration': later(60)})

    def do_GET(self):
        world = self.server.world
        if self.path.startswith('/latest/meta-data/iam/security-credentials/'):
            self.note('imds')
            if not world.imds_v1_only and self.headers.get(
                    'x-aws-ec2-metadata-token') != 'imds-token':
                return self.reply(401, '')
            if self.path.endswith('/'):
                return self.reply(200, 'my-role', 'text/plain')
            return self.reply(200, self.document('IMDSKEY'))
        if self.path == '/container':
            self.note('container')
            if self.headers.get('authorization') != 'Basic abc':
                return self.reply(401, '{"code":"Unauthorized"}')
            return self.reply(200, self.document('CONTAINERKEY'))
        if self.path.startswith('/federation/credentials?'):
            return self.portal()
        return self.reply(400, '')

    def portal(self):
        self.note('portal')
        query = urllib.parse.parse_qs(self.path.partition('?')[2])
        if query != {'role_name': ['Ops'], 'account_id': ['012345678901']}:
            return self.reply(400, '{}')
        token = self.headers.get('x-amz-sso_bearer_token')
        if token not in ('good-token', 'renewed-token'):
            return self.reply(401, '{"message":"no"}')
        expires = datetime.datetime.now().timestamp() + 3600
        return self.reply(200, json.dumps({'roleCredentials': {
            'accessKeyId': 'SSOKEY', 'secretAccessKey': SECRET,
            'sessionToken': TOKEN, 'expiration': int(expires * 1000)}}))

    def do_POST(self):
        body = self.body()
        if self.path == '/token':
            return self.oidc(body)
        if self.path == '/':
            return self.sts(body)
        return self.reply(400, '')

    def oidc(self, body):
        self.note('oidc')
        asked = json.loads(body)
        if asked != {'clientId': 'client', 'clientSecret': 'client-secret',
                     'grantType': 'refresh_token', 'refreshToken': 'refresh'}:
            return self.reply(400, '{"error":"invalid_grant"}')
        return self.reply(200, json.dumps({
            'accessToken': 'renewed-token', 'expiresIn': 28800,
            'refreshToken': 'refresh-2', 'tokenType': 'Bearer'}))

    def sts(self, body):
        asked = {n: v[0] for n, v in
                 urllib.parse.parse_qs(body.decode()).items()}
        self.note(f'sts {asked.get("Action")} {asked.get("RoleArn")}')
        if asked.get('Action') == 'AssumeRoleWithWebIdentity':
            if asked.get('WebIdentityToken') != 'web-token':
                return self.refuse('InvalidIdentityToken')
        elif not self.is_signed(body):
            return self.refuse('SignatureDoesNotMatch')
        return self.reply(200, self.role(asked), 'text/xml')

    def role(self, asked):
        action = asked['Action']
        key, secret = self.server.world.role_keys
        return f'''<{action}Response
            xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
            <AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>a</Arn>
            </AssumedRoleUser><Credentials><AccessKeyId>{key}</AccessKeyId>
            <SecretAccessKey>{secret}</SecretAccessKey>
            <SessionToken>{TOKEN}</SessionToken>
            <Expiration>{later(60)}</Expiration></Credentials></{action}Result>
            <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
            </{action}Response>'''

    def refuse(self, code):
        return self.reply(403, f'''<ErrorResponse><Error><Type>Sender</Type>
            <Code>{code}</Code><Message>not so</Message></Error>
            <RequestId>r</RequestId></ErrorResponse>''', 'text/xml')

    def is_signed(self, body):
        authorization = self.headers.get('authorization', '')
        key = re.search('Credential=([^/]+)/', authorization)
        headers = {n.lower(): v for n, v in self.headers.items()}
        if key is None or not authorization.endswith(
                'Signature=' + signature(SECRET, authorization, 'POST', '/',
                                         headers, body)):
            return False
        temporary = key[1] not in ('BASEKEY', 'ENVKEY')
        return headers.get('x-amz-security-token') == (
            TOKEN if temporary else None)


class World:
    """A home directory and the services, for one case."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix='ivs-credentials-')
        self.requests = []
        self.imds_v1_only = False
        self.role_keys = ('ROLEKEY', SECRET)
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.world = self
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.home)

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def login(self, name, minutes, token='good-token'):
        """What `aws sso login` leaves behind."""
        digest = hashlib.sha1(name.encode()).hexdigest()
        return self.write(f'.aws/sso/cache/{digest}.json', json.dumps({
            'startUrl': 'https://d.awsapps.com/start', 'region': REGION,
            'accessToken': token, 'expiresAt': later(minutes),
            'clientId': 'client', 'clientSecret': 'client-secret',
            'refreshToken': 'refresh',
            'registrationExpiresAt': later(60 * 24)}))

    def environment(self, **more):
        """Nothing of the caller's configuration, everything on loopback."""
        names = ('PATH', 'LD_LIBRARY_PATH', 'ASAN_OPTIONS', 'UBSAN_OPTIONS',
                 'TSAN_OPTIONS', 'PYENV_ROOT', 'PYENV_VERSION')
        env = {n: os.environ[n] for n in names if n in os.environ}
        env.update({
            'HOME': self.home, 'AWS_REGION': REGION,
            'AWS_DEFAULT_REGION': REGION,
            'AWS_EC2_METADATA_SERVICE_ENDPOINT': self.url + '/',
            'AWS_ENDPOINT_URL_STS': self.url,
            'AWS_ENDPOINT_URL_SSO': self.url,
            'AWS_ENDPOINT_URL_SSO_OIDC': self.url})
        env.update({n: v.replace('URL', self.url).replace('HOME', self.home)
                    for n, v in more.items()})
        return {n: v for n, v in env.items() if v}

    def cli(self, *arguments, **env):
        """Run ivs-token; its exit code, stdout and stderr, without a secret."""
        done = subprocess.run([CLI, *arguments], env=self.environment(**env),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, cwd=self.home)
        for secret in (SECRET, TOKEN, 'good-token', 'renewed-token',
                       'client-secret', 'web-token', 'imds-token'):
            assert secret not in done.stdout + done.stderr, secret
        return done

    def report(self, *arguments, code=0, **env):
        """ivs-token credentials --json, which must end with this code."""
        done = self.cli('credentials', '--json', *arguments, **env)
        assert done.returncode == code, (done.returncode, done.stderr)
        return json.loads(done.stdout)
