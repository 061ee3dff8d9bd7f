"""A peer: the official SDK's asynchronous client, all numbers gathered, the answers kept in memory.

`python -m bench.peer_sdk URL NUMBERS` prints {"lookups", "seconds"}.
"""

import asyncio
import json
import sys
import time

from twilio.http.async_http_client import AsyncTwilioHttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]
from twilio.rest.lookups.v2.phone_number import PhoneNumberInstance  # type: ignore[import-untyped]

from bench.load import IN_FLIGHT
from bench.orders import PACKAGE, numbers
from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN


async def look_up_all(url: str, wanted: list[str]) -> dict[str, PhoneNumberInstance]:
    """Ask for all numbers, IN_FLIGHT at a time, in the shortest way that the SDK offers."""
    places = asyncio.Semaphore(IN_FLIGHT)
    async with AsyncTwilioHttpClient() as http:
        client = Client(SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN, http_client=http)
        client.lookups.base_url = url

        async def look_up(number: str) -> PhoneNumberInstance:
            async with places:
                return await client.lookups.v2.phone_numbers(number).fetch_async(fields=PACKAGE)

        answers = await asyncio.gather(*(look_up(number) for number in wanted))
    return dict(zip(wanted, answers, strict=True))


def main(url: str, count: int) -> None:
    """Look so many numbers up and print how long it took."""
    wanted = list(numbers(count))
    began = time.monotonic()
    answers = asyncio.run(look_up_all(url, wanted))
    seconds = time.monotonic() - began
    assert all(answer.line_type_intelligence or not answer.valid for answer in answers.values())
    print(json.dumps({"lookups": len(answers), "seconds": seconds}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
