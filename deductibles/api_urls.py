"""The addresses of the biller's endpoints."""

from django.urls import path

from deductibles.api import (
    acknowledgements,
    back_tests,
    claims,
    finding,
    holds,
    nights,
    readings,
    settings,
    submissions,
    worth,
)

urlpatterns = [
    path("benefit-readings/", readings.BenefitReadings.as_view(), name="api-benefit-readings"),
    path("claims/", claims.ClaimList.as_view(), name="api-claims"),
    path("claims/<str:key>/", claims.ClaimDetail.as_view(), name="api-claim"),
    path("claims/<str:key>/steps/", claims.ClaimSteps.as_view(), name="api-claim-steps"),
    path("claims/<str:key>/eligibility/", claims.ClaimEligibility.as_view(), name="api-claim-eligibility"),
    path(
        "claims/<str:key>/find-insurance/",
        finding.ClaimFindInsurance.as_view(),
        name="api-claim-find-insurance",
    ),
    path("claims/<str:key>/audit/", claims.ClaimAudit.as_view(), name="api-claim-audit"),
    path("holds/", holds.HoldList.as_view(), name="api-holds"),
    path("holds/queue/", holds.HoldBulk.as_view(), name="api-holds-queue"),
    path("holds/unqueue/", holds.HoldUnqueue.as_view(), name="api-holds-unqueue"),
    path("holds/clear/", holds.HoldClear.as_view(), name="api-holds-clear"),
    path("holding/ledger/", worth.LedgerList.as_view(), name="api-holding-ledger"),
    path("holding/ledger/summary/", worth.LedgerSummary.as_view(), name="api-holding-ledger-summary"),
    path("deductible-settings/", settings.DeductibleSettingsView.as_view(), name="api-deductible-settings"),
    path(
        "deductible-settings/preview/",
        settings.SettingsPreview.as_view(),
        name="api-deductible-settings-preview",
    ),
    path("billing-provider/", settings.BillingProviderView.as_view(), name="api-billing-provider"),
    path("holding/back-tests/", back_tests.BackTestList.as_view(), name="api-back-tests"),
    path("holding/back-tests/<str:key>/", back_tests.BackTestDetail.as_view(), name="api-back-test"),
    path(
        "holding/back-tests/<str:key>/steps/", back_tests.BackTestSteps.as_view(), name="api-back-test-steps"
    ),
    path("nightly-runs/", nights.RunList.as_view(), name="api-nightly-runs"),
    path("nightly-runs/<str:key>/", nights.RunDetail.as_view(), name="api-nightly-run"),
    path("acknowledgements/", acknowledgements.Acknowledgements.as_view(), name="api-acknowledgements"),
    path("submissions/", submissions.SubmissionList.as_view(), name="api-submissions"),
    path("submissions/<str:key>/steps/", submissions.SubmissionSteps.as_view(), name="api-submission-steps"),
    path("submissions/<str:key>/file/", submissions.SubmissionFileView.as_view(), name="api-submission-file"),
]
