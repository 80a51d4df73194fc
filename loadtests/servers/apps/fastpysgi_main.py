"""The predictor under fastpysgi, with its limit and its timeouts set."""

import sys

import fastpysgi
from wsgi_app import app

from predict import LIMIT_BYTES, TIMEOUT_SECONDS

fastpysgi.server.max_content_length = LIMIT_BYTES
fastpysgi.server.svc_timer_interval = 250
fastpysgi.server.curr_req_timeout = fastpysgi.server.read_req_timeout = int(TIMEOUT_SECONDS * 1000)
fastpysgi.server.tcp_nodelay = 1
fastpysgi.run(app, "127.0.0.1", int(sys.argv[1]))
