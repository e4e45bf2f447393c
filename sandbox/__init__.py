"""A local Slack with a page to click in, and local vendors. Imports nothing of the product.

The product reaches it by base URLs alone, so it cannot share the product's mistakes.
"""
