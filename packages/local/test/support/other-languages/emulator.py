"""Serves the handler of notes.py as AWS's runtime interface emulator does: one invocation at a time, errors with status 200."""
import http.server
import json
import traceback

import notes

PATH = "/2015-03-31/functions/function/invocations"


class Emulator(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path != PATH:
            return self.answer(404, "404 page not found")
        try:
            result = json.dumps(notes.handler(json.loads(body), None))
        except Exception as error:
            result = json.dumps(
                {
                    "errorMessage": str(error),
                    "errorType": type(error).__name__,
                    "requestId": "",
                    "stackTrace": traceback.format_tb(error.__traceback__),
                }
            )
        self.answer(200, result)

    def answer(self, status, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Emulator)
print(f"http://127.0.0.1:{server.server_port}{PATH}", flush=True)
server.serve_forever()
