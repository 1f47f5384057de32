import type { ConfluenceSample, ConfluenceTemplate } from './confluence-world.ts'

/** What the simulated Confluence of the demo holds: an English space, a Hebrew one, one of both. */
export const samplePages: readonly ConfluenceSample[] = [
  {
    spaceKey: 'TEAM',
    title: 'Team handbook',
    by: 'noa.levi',
    storage:
      '<p>How we work. Start with <strong>Definition of done</strong>.</p><p><ac:structured-macro ac:name="children" ac:schema-version="2" ac:macro-id="0d3c5f1a-0001" /></p>',
  },
  {
    spaceKey: 'TEAM',
    title: 'Definition of done',
    parent: 'Team handbook',
    labels: ['process'],
    by: 'maya.green',
    storage:
      '<h2>For every story</h2><ul><li>Acceptance criteria are checked by somebody who did not write the code.</li><li>Hebrew and English texts are complete.</li><li>Monitoring shows the new path.</li></ul><h2>For a release</h2><ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status><ac:task-body>Release notes are written.</ac:task-body></ac:task></ac:task-list>',
  },
  {
    spaceKey: 'TEAM',
    title: 'Stories',
    parent: 'Team handbook',
    by: 'noa.levi',
    storage:
      '<p>Stories that the team has agreed on.</p><h2>Next sprint</h2><p>Nothing yet.</p><h2>Later</h2><p><ac:structured-macro ac:name="status" ac:schema-version="1" ac:macro-id="0d3c5f1a-0002"><ac:parameter ac:name="colour">Yellow</ac:parameter><ac:parameter ac:name="title">idea</ac:parameter></ac:structured-macro> Loyalty points.</p>',
  },
  {
    spaceKey: 'PAY',
    title: 'Payments',
    by: 'daniel.cohen',
    storage: '<p>Checkout, cards and refunds.</p>',
  },
  {
    spaceKey: 'PAY',
    title: 'Card storage rules',
    parent: 'Payments',
    labels: ['security', 'cards'],
    by: 'daniel.cohen',
    storage:
      '<h2>What may be stored</h2><p>Only the token of the payment provider and the last four digits. The card number itself is <strong>never</strong> stored.</p><h2>Limits</h2><table><tbody><tr><th>What</th><th>Limit</th></tr><tr><td>Cards of a customer</td><td>5</td></tr><tr><td>Days without use before a card is removed</td><td>400</td></tr></tbody></table><ac:structured-macro ac:name="info" ac:schema-version="1" ac:macro-id="0d3c5f1a-0003"><ac:rich-text-body><p>A customer can remove a card at any time.</p></ac:rich-text-body></ac:structured-macro>',
  },
  {
    spaceKey: 'PAY',
    title: 'Decision: one payment provider',
    parent: 'Payments',
    labels: ['decision'],
    by: 'maya.green',
    storage:
      '<h2>Decision</h2><p>We keep one provider until refunds are automatic.</p><h2>Why</h2><p>Two providers mean two reports of the same day.</p>',
  },
  {
    spaceKey: 'STU',
    title: 'סטודיו',
    by: 'noa.levi',
    storage: '<p>האתר ומערכת ההזמנות של הסטודיו.</p>',
  },
  {
    spaceKey: 'STU',
    title: 'כללי ביטול הזמנה',
    parent: 'סטודיו',
    labels: ['הזמנות'],
    by: 'noa.levi',
    storage:
      '<h2>מתי אפשר לבטל</h2><p>לקוח יכול לבטל הזמנה עד <strong>24 שעות</strong> לפני מועד השיעור, ומקבל זיכוי מלא.</p><h2>ביטול מאוחר</h2><p>בביטול מאוחר יותר נשמר חצי מהתשלום, אלא אם הוזמן אדם אחר במקום.</p>',
  },
  {
    spaceKey: 'STU',
    title: 'שפה ונגישות באתר',
    parent: 'סטודיו',
    labels: ['נגישות'],
    by: 'maya.green',
    storage:
      '<h2>שפות</h2><p>כל מסך קיים בעברית ובאנגלית.</p><h2>נגישות</h2><p>אפשר לבצע כל פעולה במקלדת בלבד.</p>',
  },
]

export const sampleTemplates: readonly ConfluenceTemplate[] = [
  {
    id: '501',
    name: 'Decision',
    description: 'What was decided, and why.',
    storage: '<h2>Decision</h2><p>…</p><h2>Why</h2><p>…</p>',
  },
]
