"""An HTTP server that trusts the header x-caller, which the gateway sets."""
import http.server
import json


class Notes(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        answer = {
            "language": "Python",
            "caller": self.headers["x-caller"],
            "path": self.path,
            "bytes": list(body),
        }
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
