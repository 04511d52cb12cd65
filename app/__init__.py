"""Failback: failover and failback runbooks as a persisted state machine with a journal that can be verified.

The map. Imports point downwards only: main, then web and cli, services, storage, runbooks and settings, domain.

    __main__.py                 `python -m app …`
    main.py                     the application assembled: service, routes, guards
    settings.py                 the typed environment, read once and passed down
    logs.py                     one form of log lines, ours and uvicorn's, without secrets

    cli/                        THE COMMAND LINE
        __init__.py             the commands put together, exit codes
        said.py                 what a command says and how it ends
        opened.py               settings and database, their faults in plain words
        serving.py              serve: what can be wrong is said first, then uvicorn
        database.py             db upgrade, check, backup
        tokens.py               token create, list, revoke
        runbooks.py             runbook check, lint, diff, show
        runbook_source.py       … of a file, an id, a digest
        runbook_said.py         … a runbook to be read
        difference_said.py      … what differs
        verifying.py            verify: the command and its report
        examination.py          what is wrong, doubtful or unchecked in an exported journal
        export_file.py          an exported journal read strictly, a line at a time
        client/                 THE TERMINAL CLIENT: speaks HTTP alone, holds no rule
            options.py          options as typer takes them, those that all commands have
            session.py          what every command is given: who speaks to whom, in which form
            contexts.py         which service, by whose token; the file they are kept in
            logins.py           login, logout, whoami, context
            calls.py            base URLs in turn, lost answers asked for again by the same key
            codes.py            exit codes
            refused.py          a refusal as a person reads it, and the way out
            shown.py            tables, JSON, messages; nothing that steers a terminal
            finding.py          which execution, action or operator is meant
            current.py          next
            words.py            THE WORDS: which command posts which event with which members
            body.py             an event's body from what was said and what is shown
            posting.py          show what will be signed, ask, post, say what came of it
            executions.py       executions list, show, verify
            declaring.py        executions declare
            watching.py         executions watch
            journals.py         journal, export
            runbook_pages.py    runbooks
            protection.py       protected-sets, readiness
            timing.py           clocks
            figures.py          statistics
            checking.py         evidence-check

    web/                        THE HTTP FACES: translate in and out, hold no rule
        deps.py                 the service, who asks (deny by default), the language
        guard.py                what every request passes before it is believed
        strict_json.py          JSON that can be kept, hashed and shown as it came
        headers.py              entity tags, languages, Prefer, the idempotency key
        cursors.py              where to go on in a list
        errors.py               refusal to status, one table, one shape
        faults.py               everything else that is raised, turned into refusals
        problem_pages.py        the pages behind a problem's `type`
        order.py                the contract's order of refusals
        head.py                 HEAD as GET without its body
        following.py            an open stream from its first byte to its last
        ending.py               the last answers when the service is told to end
        exports.py              a journal taken away as a file
        figures.py              what a process counts about itself
        documentation.py        the API's description and its page
        bodies/                 WHAT IS SENT, CHECKED FOR FORM, whichever face it came through
            events.py           the bodies of events
            declaration.py      the body of a declaration
            declared.py         … turned into what the writer takes
            evidence.py         the body of a try of evidence
            protected_sets.py   the bodies about protected sets
            fields.py           what bodies are made of
        api/                    THE REST API
            evidence.py         evidence tried before it is sent
            executions.py       declare, list, read, post an event
            calls.py            what these do once it is known who asks
            short_way.py        … without the framework's routing
            clocks.py           an execution's clocks at this moment
            statistics.py       how long steps take, and what goes wrong
            journal.py          lines, exports, verification, across executions
            stream.py           events as they are committed
            runbooks.py         definitions, the machine drawn
            publishing.py       a next version of a runbook, and its versions
            example_runbook.py  what is published, by example
            protected_sets.py   sets, their history, how ready one is
            system.py           who am I, alive, ready, figures
            answers.py          problems and pages of lists
            shapes/             DOCUMENTS AS OPENAPI DESCRIBES THEM
                base.py         what all are made of
                execution.py    an execution, and one in a list
                action.py       its current action
                evidence.py         verdicts on evidence
                clocks.py       clocks, whole and in lists
                statistics.py   statistics
                journal.py      lines, and the proof
                protected_sets.py  sets, and how ready one is
                runbooks.py     definitions
            examples.py         examples of bodies
            answer_examples.py  examples of answers: one night's clocks and figures
        console/                THE PAGES FOR PEOPLE, server-rendered; templates, style and module beside them
            speech.py           catalogues and the reader's language
            words.py            what the contract's terms are called
            times.py            times and spans as pages write them
            visitors.py         who looks, by the session; forms from our pages alone
            rendering.py        a template with what every page needs
            pages.py            routes whose refusals are pages
            refusals.py         refusals in a page's words
            problem_words.py    the problems of the API in both languages
            elsewhere.py        problems explained, and where nothing is, to browsers
            signing_in.py       sign in and out, the switches
            overview.py         what is running, and the history
            offers.py           what could be posted, by whom
            declare.py          the page that declares a disaster or begins a drill
            execution.py        the page of an execution, and its forms taken
            execution_view.py   its track, site picture, what is at risk
            work_view.py        what its forms are filled with
            forms.py            a form as the body that the API would take
            evidence_said.py    verdicts on evidence in sentences
            posting.py          posted as decided on: a stale page signs nothing
            journal_said.py     journal lines as sentences
            journal_page.py     the whole journal, its exports and its proof
            journal_opened.py   … a line with all that it keeps
            offline.py          what is left to do as one file that needs no network
            offline_view.py     … with boxes to sign, and what to type in later
            runbook_page.py     runbooks, listed and whole
            runbook_said.py     … their tables in sentences
            live.py             pages told that something changed
            files.py            style sheet, module, icon
        diagrams/               THE MACHINE DRAWN
            chart.py            what is worth drawing
            mermaid.py          as Mermaid text
            svg.py              as an SVG
            layout.py           where everything stands in it
            canvas.py           shapes over an XML tree
            style.py            colours, light and dark
            words.py            words in both languages

    services/                   WHAT PEOPLE CAN DO: one function, one unit of work
        service.py              one running service, opened and closed together
        declaring.py            what makes a declaration complete
        executions.py           declare and post: jobs for the writer
        pointers.py             which place of a request a fault means
        keys.py                 idempotency keys, and what they led to
        own_names.py            a posted event in the execution's own names
        protected_sets.py       sets made and revised, as documents
        readiness.py            how ready one is, gathered and told
        reading.py              documents, verification
        listing.py              executions in a list
        document.py             the execution document
        document_action.py      its current action, and what could be posted
        document_steps.py       its steps
        evidence_checks.py      evidence tried, nothing recorded
        holding.py              how long a signed-off checklist holds
        named.py                how documents name a person, a reason
        clocks.py               an execution's clocks at the server's now
        list_clocks.py          the clocks that a row alone tells
        statistics.py           what many journals say of a runbook
        runbook_document.py     the runbook document
        publishing.py           a runbook's next version, and its versions
        definitions.py          which definition is current, and every one ever used
        identity.py             operators and tokens
        sessions.py             who is signed in to the console
        places.py               how many streams, and whose
        looks.py                what many streams ask at once, asked once
        clock.py                UTC now, and how times are written

    storage/                    SQL, AND NOWHERE ELSE
        tables.py               tables, constraints, triggers
        columns.py              ids, digests, moments, names of constraints
        engines.py              how each database is opened
        database.py             reading, writing, fit to serve or not
        rows.py                 rows as plain data
        queries.py              queries of executions and journals
        identities.py           queries of operators and tokens
        protected_sets.py       queries of sets, and of what was done for them
        publications.py         queries of which definitions became current
        sessions.py             queries of the console's sessions
        batch.py                jobs that share a transaction
        memory.py               decoded facts that the writer keeps
        prepared.py             statements made ready for the driver once
        among.py                lists as one parameter
        glances.py              what every poll asks, asked together
        writer.py               the one thread that commits events
        waiting.py              who waits for it, and how each is answered
        feed.py                 wakes those who wait for a commit
        upkeep.py               migrate, check, copy

    runbooks/                   THE DEFINITIONS, one YAML file each
        reader.py               a definition read, shaped, checked
        yaml_lines.py           YAML as plain data with line numbers

    domain/                     PURE RULES: no clock, no SQL, no HTTP
        vocabulary.py           reserved ids and enumerations of a runbook
        texts.py                texts, commands, drill forms
        parts.py                what a runbook is made of
        projection.py           the course that live executions or drills walk
        runbook.py              a runbook, its order, its digest
        unseen.py               characters that nobody can see
        versions.py             versions that can be put in order
        validity.py             what makes one valid: names, texts, references
        validity_commands.py    … its commands
        validity_expects.py     … its expectations
        validity_course.py      … its course: undo, losses, the picture
        validity_checklist.py   … for its kind: what a checklist has no use for
        lint.py                 what is doubtful in a valid one
        differences.py          what differs between two by meaning
        drill.py                how a drill is marked, and how it ends
        validity_drill.py       … its drills
        validity_size.py        … its size
        events.py               event types, roles, what a line carries
        forms.py                what a posted event has to say at all
        case.py                 one event before one execution
        rules.py                THE TABLE: where each event is legal and leads
        guards.py               guards of what goes on, each with its reason
        guards_back.py          guards of what goes back or ends
        guards_items.py         guards of steps whose actions have no order
        reasons.py              the reasons' sentences, in both languages
        machine.py              the machine built from the table
        decision.py             one event permitted or refused
        options.py              what could be posted now, and what not
        repeats.py              who was faster
        happening.py            an accepted event on its way into the facts
        effects.py              what each event type changes
        going_back.py           what going back clears and keeps
        course.py               what is still open ahead
        facts.py                what a journal folds to
        records.py              … immutable records of who said what
        protected_sets.py       what an execution takes from a set
        readiness.py            what of checklists and drills holds, until when
        not_ready.py            the reasons why not
        execution.py            the fold
        lines.py                how a journal line comes to be
        chain.py                canonical form, hashes, what is wrong with lines
        journal.py              the journal against its rules
        sites.py                site picture, windows without protection
        spans.py                time between two moments of a journal
        timers.py               what tells the time without the journal
        stretches.py            what time is spent on, and the pieces a journal falls into
        chronicle.py            a journal followed and told as stretches of time
        clocks.py               the clocks at a moment
        targets.py              recovery time and point against what was promised
        statistics.py           what many journals say of a runbook
        commands.py             parameters into quoted PowerShell
        outputs.py              what the real systems print
        evidence.py             an output against what is expected
        evidence_asked.py       which evidence is asked for, and lacking
        errors.py               every way to say no
"""
