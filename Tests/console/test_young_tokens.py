"""A token is good for a minute. Last of all: by then the minute is over, or nearly."""

import http.client
import time
import unittest
import urllib.parse

from house import house
from programs import until

LIFE = 60  # seconds


class TokenTests(unittest.TestCase):
    def test_a_token_of_more_than_a_minute_ago_opens_nothing(self):
        here = house()
        until(lambda: time.monotonic() - here.minted > LIFE + 1, "a minute", LIFE + 5, pause=0.5)
        address = urllib.parse.urlsplit(here.old_address)
        connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=20)
        connection.request("GET", f"/enter?{address.query}", headers={"Host": address.netloc})
        self.assertEqual(connection.getresponse().status, 403)
        connection.close()


if __name__ == "__main__":
    unittest.main()
