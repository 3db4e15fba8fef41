"""Every write of the biller's half. Each act is one function with keyword-only ``by=`` and ``at=``.

``by`` is the User, or None for Holdline itself; ``at`` the moment (aware). State and role refusals are
``accounts.steps.Refused`` (``code`` role 403, state/stale 409, unknown 400); input problems are
``deductibles.actions.moves.Invalid`` (``.fields``: field -> [(code, sentence)], all at once, 400).

``deductibles.actions.claims``
    create_claim(data, *, by, at) -> Claim                     draft; data as in contract.md POST claims/
    edit_claim(claim, data, *, by, at) -> Claim                draft only; partial; ``version`` optional
    void(claim, *, by, at) -> Claim

``deductibles.actions.deciding``  (talk to AR Boost: call them outside any transaction)
    ask(claim, *, by, at) -> Snapshot                          one question, stored; an outage is stored too
    complete(claim, *, by, at, asked=None) -> Outcome          Invalid with every problem of the 837P
    run_eligibility(claim, *, by, at) -> Outcome               D-HOLD-6
    file_answer(claim, x12_271, *, by, at) -> Outcome          D-X12-2; mismatch is Refused, nothing stored
    change_payer(claim, data, *, by, at) -> Outcome            data {payer, member_id, group_number?,
                                                               relationship?, subscriber?}; D-HOLD-5
    ``Outcome(claim, snapshot | None, decision | None, hold | None)``. Inside ``api.idempotency.once``
    (a transaction) call ``ask`` before and hand it in: ``complete(claim, asked=snapshot, ...)``.

``deductibles.actions.holds``
    hold_by_hand(claim, *, by, at, confirmed=False) -> Hold    D-MAN-1..5; inside the filing guard unless
                                                               ``confirmed``: Refused
    queue(claim, *, by, at) / unqueue(claim, *, by, at) -> Claim
    queue_holds(company, hold_ids, *, by, at, expected_count=None) -> Done     at most 5000 (D-PAGE-5);
                                                               another company's id: Hold.DoesNotExist
    unqueue_holds(...)  clear_holds(...)                       Done(done, skipped: [Skipped(id, claim, why)])

``deductibles.actions.settings``
    save_settings(company, data, *, by, at) -> DeductibleSettings     stale version: Refused(code="stale")
    preview_settings(company, data, *, at) -> Preview(released_tonight, newly_held, by_payer); saves nothing
    save_provider(company, data, *, by, at) -> BillingProvider

``deductibles.nightly``  (outside any transaction)
    start_night(company, kind, target_date | None, *, by, at) -> Run   runs it now, to its end; the same night
                                                               again answers the same run

Reading is in ``deductibles.queries``; what a person may type is read in ``deductibles.domain.intake``.
"""
