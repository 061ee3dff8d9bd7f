"""The web product: pages that are complete without JavaScript, and live with it. A face: access check, call, answer."""
