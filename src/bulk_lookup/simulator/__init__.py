"""A look-alike of Twilio's Lookup v2 server, with invented answers and a ledger of what they would cost."""
