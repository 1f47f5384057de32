import { seriesColumns, type SeriesColumn, type SeriesPoint } from '@studioops/contracts/monitoring'
import {
  Chart,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js'
import { useEffect, useRef } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useTheme } from '../../lib/theme.ts'
import { monitoringTexts } from './monitoring.texts.ts'
import type { ZoneFormat } from './zone-format.ts'

Chart.register(Filler, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip)

type Shape = 'rate' | 'asIs' | 'megabytes'
type LineColumn = Exclude<
  SeriesColumn,
  | 'jobs'
  | 'jobErrors'
  | 'queryErrors'
  | 'answers'
  | 'answerErrors'
  | 'cpuRatio'
  | 'oldestJobSeconds'
  | 'level'
>

type Picture = { readonly id: string; readonly shape: Shape; readonly lines: readonly LineColumn[] }

const pictures = [
  { id: 'rate', shape: 'rate', lines: ['requests', 'calls', 'queries'] },
  { id: 'errors', shape: 'rate', lines: ['errors', 'refusals', 'callErrors'] },
  { id: 'latency', shape: 'asIs', lines: ['p50Ms', 'p95Ms', 'p99Ms'] },
  { id: 'loop', shape: 'asIs', lines: ['loopMs'] },
  { id: 'memory', shape: 'megabytes', lines: ['heapBytes', 'rssBytes'] },
  { id: 'queue', shape: 'asIs', lines: ['queued', 'dbWaiting'] },
  { id: 'streams', shape: 'asIs', lines: ['streams', 'sockets', 'dbUsed'] },
  { id: 'tokens', shape: 'rate', lines: ['tokensIn', 'tokensOut'] },
  { id: 'cost', shape: 'asIs', lines: ['costUsd'] },
] as const satisfies readonly Picture[]

/** Told apart by their dashes as well. */
const looks = [
  { color: 'var(--color-accent)', dash: [] },
  { color: 'var(--color-spark)', dash: [6, 3] },
  { color: 'var(--color-bad)', dash: [2, 2] },
] as const

type Props = {
  readonly points: readonly SeriesPoint[]
  /** Of the points, seconds. */
  readonly step: number
  readonly zone: ZoneFormat
}

export function MetricCharts({ points, step, zone }: Props) {
  const shown = thinned(points)
  return (
    <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
      {pictures.map((picture) => (
        <MetricChart key={picture.id} picture={picture} points={shown} step={step} zone={zone} />
      ))}
    </div>
  )
}

const shownMax = 360

/** More than the picture has places for only costs time. */
function thinned(points: readonly SeriesPoint[]): readonly SeriesPoint[] {
  const every = Math.ceil(points.length / shownMax)
  return every <= 1
    ? points
    : points.filter((_, index) => (points.length - 1 - index) % every === 0)
}

function valueOf(point: SeriesPoint, column: LineColumn, { shape, step }: Scaling): number {
  const value = point.values[seriesColumns.indexOf(column)] ?? 0
  if (shape === 'rate') return value / step
  return shape === 'megabytes' ? value / 1_000_000 : value
}

type Scaling = { readonly shape: Shape; readonly step: number }

function MetricChart({
  picture,
  points,
  step,
  zone,
}: Props & { readonly picture: (typeof pictures)[number] }) {
  const t = useTexts(monitoringTexts)
  const formats = useFormats()
  const canvas = useRef<HTMLCanvasElement>(null)
  const chart = useRef<Chart<'line'> | undefined>(undefined)
  const [theme] = useTheme()
  const lines: readonly LineColumn[] = picture.lines
  const title = t(`chart.${picture.id}`)
  const { shape } = picture
  const last = points.at(-1)
  const values = lines.map((line) => {
    const value = last === undefined ? 0 : valueOf(last, line, { shape, step })
    return { line, label: t(`line.${line}`), value: formats.number(rounded(value)) }
  })
  const labels = values.map(({ label }) => label).join('\n')

  useEffect(() => {
    const place = canvas.current
    if (place === null) return undefined
    const made = new Chart<'line'>(place, {
      type: 'line',
      data: {
        datasets: labels.split('\n').map((label, index) => ({
          label,
          data: [],
          borderColor: colorOf(looks[index]?.color ?? looks[0].color, place),
          borderDash: [...(looks[index]?.dash ?? [])],
          borderWidth: 1.5,
          pointRadius: 0,
          pointHitRadius: 8,
        })),
      },
      options: optionsOf(zone, place),
    })
    chart.current = made
    return () => {
      chart.current = undefined
      made.destroy()
    }
  }, [labels, zone, theme])

  useEffect(() => {
    const made = chart.current
    if (made === undefined) return
    for (const [index, line] of lines.entries()) {
      const dataset = made.data.datasets[index]
      if (dataset !== undefined)
        dataset.data = points.map((point) => ({
          x: point.at * 1_000,
          y: valueOf(point, line, { shape, step }),
        }))
    }
    made.update('none')
  }, [points, lines, shape, step, labels, zone, theme])

  return (
    <figure className="min-w-0 rounded-card border border-line bg-surface p-4 shadow-card">
      <figcaption className="mb-2">
        <h3 className="font-semibold">{title}</h3>
        <ul className="flex flex-wrap gap-x-4 text-sm text-muted">
          {values.map(({ line, label, value }, index) => (
            <li key={line} className="flex items-center gap-1.5">
              <Swatch index={index} />
              {label} <bdi className="tabular-nums text-ink">{value}</bdi>
            </li>
          ))}
        </ul>
      </figcaption>
      <div dir="ltr" className="relative h-36 overflow-hidden">
        <canvas
          ref={canvas}
          role="img"
          aria-label={t('chart.text', {
            title,
            values: values.map(({ label, value }) => `${label} ${value}`).join(', '),
          })}
        />
      </div>
    </figure>
  )
}

/** The stroke as the picture draws it. */
function Swatch({ index }: { readonly index: number }) {
  const { color, dash } = looks[index] ?? looks[0]
  return (
    <svg aria-hidden width="20" height="6" className="shrink-0">
      <line
        x1="0"
        y1="3"
        x2="20"
        y2="3"
        stroke={color}
        strokeWidth="2"
        strokeDasharray={dash.join(' ')}
      />
    </svg>
  )
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100
}

/** A canvas takes no variables, and a chart no colours that it cannot read. */
function colorOf(variable: string, place: HTMLCanvasElement): string {
  const probe = document.createElement('span')
  probe.style.color = variable
  place.parentElement?.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  const pencil = document.createElement('canvas').getContext('2d')
  if (pencil === null) return color
  pencil.fillStyle = color
  pencil.fillRect(0, 0, 1, 1)
  const [red, green, blue] = pencil.getImageData(0, 0, 1, 1).data
  return `rgb(${red}, ${green}, ${blue})`
}

function optionsOf(zone: ZoneFormat, place: HTMLCanvasElement) {
  const muted = colorOf('var(--color-muted)', place)
  const line = colorOf('var(--color-line)', place)
  return {
    animation: false,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    interaction: { mode: 'index', intersect: false },
    plugins: {
      legend: { display: false },
      tooltip: {
        callbacks: {
          title: (items: { parsed: { x: number | null } }[]) =>
            zone.moment(items[0]?.parsed.x ?? 0),
        },
      },
    },
    scales: {
      x: {
        type: 'linear',
        bounds: 'data',
        grid: { display: false },
        ticks: {
          color: muted,
          maxTicksLimit: 5,
          maxRotation: 0,
          callback: (value: string | number) => zone.clock(Number(value)),
        },
      },
      y: {
        beginAtZero: true,
        suggestedMax: 1,
        grid: { color: line },
        ticks: { color: muted, maxTicksLimit: 4 },
      },
    },
  } as const
}
