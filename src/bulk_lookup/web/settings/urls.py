"""Addresses of the settings; those of members are with people."""

from django.urls import path

from bulk_lookup.web.settings import accounts, appearance, organization, prices, views

urlpatterns = [
    path("", views.settings, name="settings"),
    path("/accounts", accounts.accounts, name="settings_accounts"),
    path("/accounts/new", accounts.account_new, name="settings_account_new"),
    path("/accounts/<int:account_id>/credentials", accounts.account_credentials, name="settings_account_credentials"),
    path("/accounts/<int:account_id>/test", accounts.account_test, name="settings_account_test"),
    path("/accounts/<int:account_id>/resumption", accounts.account_resumption, name="settings_account_resumption"),
    path("/accounts/<int:account_id>/limits", accounts.account_limits, name="settings_account_limits"),
    path("/prices", prices.prices, name="settings_prices"),
    path("/prices/new", prices.price, name="settings_price_new"),
    path("/prices/<int:price_id>/removal", prices.price_removal, name="settings_price_removal"),
    path("/reuse", organization.reuse, name="settings_reuse"),
    path("/reuse/change", organization.reuse_change, name="settings_reuse_change"),
    path("/budget", organization.budget, name="settings_budget"),
    path("/budget/change", organization.budget_change, name="settings_budget_change"),
    path("/organization", organization.organization, name="settings_organization"),
    path("/organization/change", organization.organization_change, name="settings_organization_change"),
    path("/appearance", appearance.appearance, name="settings_appearance"),
    path("/appearance/change", appearance.appearance_change, name="settings_appearance_change"),
]
