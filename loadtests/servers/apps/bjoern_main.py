"""The predictor under bjoern, which has no limits or timeouts to set."""

import sys

import bjoern
from wsgi_app import app

bjoern.run(app, "127.0.0.1", int(sys.argv[1]))
