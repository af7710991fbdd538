"""Exit status 0 when the engine on the given port of 127.0.0.1 says that it is healthy."""

import sys
import urllib.request

urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/health", timeout=5)
