import type { JudgedPassage } from './judged-passage.ts'

/** Written for this set. Questions use other forms and slips than the passages, as people do. */
export const englishPassages: readonly JudgedPassage[] = [
  {
    name: 'Campaign budget',
    text: 'The summer campaign was granted forty thousand. Half of it is meant for paid media, the rest for production and shooting. Overspending by more than ten percent needs the written consent of the client.',
    questions: [
      'how much was granted for summer campaigns',
      'who must consent to an overspend',
      'camapign budgets',
    ],
    related: ['Moving money between lines'],
  },
  {
    name: 'Moving money between lines',
    text: 'Budget moves between lines happen in the master sheet only. The studio manager approves moves of up to five thousand; beyond that finance signs.',
    questions: [
      'who approves moving budget between lines',
      'signature of finance for a budget move',
      'master sheets',
    ],
    related: ['Campaign budget'],
  },
  {
    name: 'Paying suppliers',
    text: 'A supplier hands in a tax invoice by the first of the month. Payment leaves thirty days after the end of the month, once the project manager has accepted the work. Invoices without an order number go back.',
    questions: [
      'when do we pay a supplier',
      'invoice missing its order number',
      'supliers payment terms',
    ],
    related: ['Purchase orders'],
  },
  {
    name: 'Purchase orders',
    text: 'Every purchase above one thousand starts as a purchase order with three quotes. The order gets a running number such as PO-2026-0417, which the supplier repeats on the delivery note.',
    questions: [
      'how many quotes does a purchase need',
      'PO-2026-0417',
      'order numbers on delivery notes',
    ],
    related: ['Paying suppliers'],
  },
  {
    name: 'Shooting day',
    text: 'The crew arrives an hour early. The photographer copies memory cards to two drives before leaving. When it rains the alternative date of the contract holds.',
    questions: [
      'who copies the memory cards after shooting',
      'what happens if it is raining on a shoot',
      'alternative dates',
    ],
    related: ['Shooting permits', 'Nightly backups'],
  },
  {
    name: 'Shooting permits',
    text: 'Filming in public places needs a permit of the city two weeks ahead. For minors both parents sign a release, which is kept for seven years.',
    questions: [
      'permits for filming in the street or other public place',
      'release signed by parents of a minor',
      'how long are releases kept',
    ],
    related: ['Shooting day'],
  },
  {
    name: 'Landing page',
    text: 'The landing page has one headline, a form of three fields and a single button. It is tested on a phone of 320 pixels. Colours come from the brand book only.',
    questions: [
      'how many fields do forms on landing pages have',
      'phone width for testing',
      'single buttons on the landing page',
    ],
    related: ['Brand book', 'Accessibility'],
  },
  {
    name: 'Brand book',
    text: 'The logo stands on a light ground with margins as wide as its letter. Headings use the second typeface. The blue is never altered, not even in print.',
    questions: [
      'which margins does the logo have',
      'may I alter the blue when printing',
      'typefaces for headings',
    ],
    related: ['Landing page'],
  },
  {
    name: 'Accessibility',
    text: 'Every site that we hand over conforms to WCAG 2.2 level AA. Contrast is measured, images carry alternative text, and each action works with the keyboard.',
    questions: [
      'accessibility level of sites',
      'alternative texts for an image',
      'keyboard actions',
    ],
    related: ['Landing page'],
  },
  {
    name: 'Nightly backups',
    text: 'The database is backed up at two every night and the copy kept for thirty days elsewhere. Once a month a random backup is restored and its rows are counted. A failed restore is an urgent incident.',
    questions: [
      'at what time do backups of databases run',
      'how often are restores tried',
      'how many days is a backup kept',
    ],
    related: ['Urgent incidents'],
  },
  {
    name: 'Urgent incidents',
    text: 'An incident is urgent when a client cannot work. On-call answers within fifteen minutes, updates the client hourly and writes the root cause down within two days.',
    questions: [
      'how quickly must on-call answer',
      'when is an incident urgent',
      'writing down root causes',
    ],
    related: ['On-call rota'],
  },
  {
    name: 'On-call rota',
    text: 'The rota changes on Sunday morning. Whoever is on call gets a daily bonus and may start late after a call at night.',
    questions: [
      'on which day do rotas change',
      'bonus for being on call',
      'starting late after night calls',
    ],
    related: ['Urgent incidents'],
  },
  {
    name: 'Holidays',
    text: 'Leave is requested two weeks ahead in the system. Days of the last year are used up by the end of March. The studio closes between the holidays.',
    questions: [
      'how early do I request leave',
      'until when can days from last year be used',
      'studio closing',
    ],
    related: ['Sick days'],
  },
  {
    name: 'Sick days',
    text: 'Absence through illness is reported the same morning. A doctor certifies it from the second day. Eight days a year go to ill children.',
    questions: [
      'from which day does a doctor have to certify illness',
      'reporting an absence',
      'days for sick children',
    ],
    related: ['Holidays'],
  },
  {
    name: 'First day of a colleague',
    text: 'On the first day a new colleague receives a laptop, an entry card and a mentor, who sets three meetings in two weeks and explains the security rules.',
    questions: [
      'what do new colleagues receive',
      'how many meetings with a mentor',
      'laptops and entry cards',
    ],
    related: ['Passwords and devices'],
  },
  {
    name: 'Passwords and devices',
    text: 'A password is never mailed and never written into a ticket. Accounts use a second factor. A lost computer is reported within the hour and wiped from afar.',
    questions: ['can passwords be mailed', 'what if a computer is lost', 'second factors'],
    related: ['First day of a colleague'],
  },
  {
    name: 'Client contract',
    text: 'The contract names scope, schedule and rounds of corrections. Corrections beyond two rounds are billed by the hour. Copyright passes with the last payment.',
    questions: [
      'how many rounds of corrections does a contract include',
      'when does the copyright pass',
      'billing extra correction',
    ],
    related: ['Quote to a client'],
  },
  {
    name: 'Quote to a client',
    text: 'A quote is valid for thirty days and lists its assumptions. Forty percent are due on signing. It is sent as a locked file with a version number.',
    questions: ['validity of quotes', 'how much is due at signing', 'assumptions in the quote'],
    related: ['Client contract', 'Purchase orders'],
  },
  {
    name: 'Weekly meeting',
    text: 'The weekly meeting opens at nine and lasts thirty minutes. Each team brings one risk and one decision. The summary is linked to the board the same day.',
    questions: [
      'how long do weekly meetings last',
      'where are meeting summaries linked',
      'risks brought by teams',
    ],
    related: ['Task board'],
  },
  {
    name: 'Task board',
    text: 'A card is an action and belongs to one person. One that has not moved for five days turns red. Done cards are archived at the end of the sprint.',
    questions: ['when do cards turn red', 'archiving cards', 'who does a card belong to'],
    related: ['Weekly meeting', 'Estimating stories'],
  },
  {
    name: 'Estimating stories',
    text: 'Stories above three points are split. Acceptance criteria come before the estimate, and the tester adds edge cases. A story without a criterion stays out of the sprint.',
    questions: [
      'when is a story split',
      'who adds an edge case',
      'acceptance criterion before estimating',
    ],
    related: ['Acceptance tests'],
  },
  {
    name: 'Acceptance tests',
    text: 'Acceptance is tested on data that resemble the real ones. The client gets a list of twenty checks, and a blocking defect sends the release back.',
    questions: [
      'which data do we test acceptance on',
      'blocking defects',
      'checklist for a client',
    ],
    related: ['Estimating stories'],
  },
  {
    name: 'Releasing',
    text: 'We release on Monday and Wednesday before noon. Migrations run in staging first, and errors are watched for an hour afterwards. Error E-5031 means that a migration waits for a lock.',
    questions: [
      'on which days do releases go out',
      'what does E-5031 mean',
      'how long do we watch for an error after release',
    ],
    related: ['Rolling back'],
  },
  {
    name: 'Rolling back',
    text: 'When more than two percent of requests fail we go back to the previous version without waiting for consent. The rollback is logged and its cause examined the next day.',
    questions: [
      'when do we roll back a release',
      'failing requests percentage',
      'examining the cause of a rolback',
    ],
    related: ['Releasing'],
  },
  {
    name: 'Social networks',
    text: 'Posts are scheduled for the evening. A negative comment is answered within two hours in approved words. Sponsored content is always labelled.',
    questions: [
      'how fast do we answer negative comments',
      'scheduling of a post',
      'labelling sponsored posts',
    ],
    related: ['Campaign budget'],
  },
  {
    name: 'Servers and cloud',
    text: 'The site runs on two servers behind a load balancer for twelve hundred dollars a month. It scales out when the processors are busier than seventy percent.',
    questions: ['monthly cost of the server', 'when does it scale', 'load balancers'],
    related: ['Nightly backups'],
  },
  {
    name: 'Privacy of visitors',
    text: 'Personal data of visitors are deleted after two years. A visitor may ask what is stored about her and is answered within thirty days.',
    questions: [
      'when do we delete personal data',
      'visitors asking what is stored',
      'days to answer a privacy request',
    ],
    related: ['Passwords and devices'],
  },
]
